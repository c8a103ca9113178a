// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens
import Testing

/// Tests the tokenizer with the cases of html5lib-tests.
///
/// The environment variable `FETCHPOOL_SUITES` names a folder that contains `html5lib/tokenizer`. Without the
/// variable, these tests are skipped.
@Suite(.enabled(if: TokenizerSuite.folder != nil, "FETCHPOOL_SUITES names no folder of test suites"))
struct TokenizerSuiteTests {
    @Test func theFolderContainsFiles() throws {
        #expect(try !TokenizerSuite.files().isEmpty)
    }

    @Test(arguments: (try? TokenizerSuite.files()) ?? [])
    func tokensAreThoseOfTheSuite(path: String) throws {
        let suite = try TokenizerSuite(path: path)
        var checks = 0
        for one in suite.cases {
            var expected = try one.tokens().map(\.sorted)
            for syntax in try one.syntaxes() {
                var found = ShownToken.all(
                    of: one.page,
                    syntax: syntax,
                    allowsCDATA: syntax == .cdata,
                    lastStartTag: one.lastStartTag ?? ""
                ).map(\.sorted)
                if suite.isForXML { (found, expected) = (found.map(\.forXML), expected.map(\.forXML)) }
                #expect(found == expected, "\(one.description) as \(syntax): \(one.input)")
                checks += 1
            }
        }
        #expect(checks >= suite.cases.count && checks > 0)
        print("\(path.split(separator: "/").last ?? ""): \(checks) checks")
    }
}

extension ShownToken {
    /// The token with its attributes sorted by name, because their order in the files has no meaning.
    fileprivate var sorted: ShownToken {
        guard case .startTag(let name, let attributes, let isSelfClosing) = self else { return self }
        return .startTag(name, attributes.sorted { $0.name < $1.name }, isSelfClosing: isSelfClosing)
    }

    /// The token after the replacements for XML (HTML standard 13.2.9, "Coercing an HTML DOM into an
    /// infoset").
    fileprivate var forXML: ShownToken {
        switch self {
        case .text(let text):
            .text(text.replacing("\u{FFFF}", with: "\u{FFFD}").replacing("\u{C}", with: " "))
        case .comment(let text): .comment(text.replacing("--", with: "- -"))
        default: self
        }
    }
}
