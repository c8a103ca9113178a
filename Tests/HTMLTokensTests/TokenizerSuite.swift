// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import HTMLTokens

/// The test cases in one file of html5lib-tests.
struct TokenizerSuite: Decodable {
    /// One test case, as stored in the file.
    struct Case: Decodable {
        let description: String
        let input: String
        let output: [[Field]]
        let initialStates: [String]?
        let lastStartTag: String?
        let doubleEscaped: Bool?
    }

    /// One element of the JSON array that describes an expected token.
    enum Field: Decodable {
        case none
        case flag(Bool)
        case string(String)
        case attributes([String: String])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .none
            } else if let flag = try? value.decode(Bool.self) {
                self = .flag(flag)
            } else if let string = try? value.decode(String.self) {
                self = .string(string)
            } else {
                self = .attributes(try value.decode([String: String].self))
            }
        }
    }

    private let tests: [Case]?
    private let xmlViolationTests: [Case]?

    /// The cases of the file, which has either `tests` or `xmlViolationTests`.
    var cases: [Case] { tests ?? xmlViolationTests ?? [] }
    /// True if the expected tokens contain only text that XML allows.
    var isForXML: Bool { xmlViolationTests != nil }

    /// The folder of the test suites; `nil` if `FETCHPOOL_SUITES` is not set.
    static let folder = ProcessInfo.processInfo.environment["FETCHPOOL_SUITES"]

    /// Returns the sorted paths of the suite's files; an empty array without `folder`.
    static func files() throws -> [String] {
        guard let folder = folder.map({ "\($0)/html5lib/tokenizer" }) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".test") }
            .sorted().map { "\(folder)/\($0)" }
    }

    /// Reads a file.
    init(path: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }
}

extension TokenizerSuite.Case {
    /// The bytes of the page.
    var page: [UInt8] { bytes(input) }

    /// Returns the syntaxes in which the tokenizer begins; each one is tested.
    func syntaxes() throws -> [HTMLSyntax] {
        try (initialStates ?? ["Data state"]).map { state in
            switch state {
            case "Data state": .data
            case "RCDATA state": .rcdata
            case "RAWTEXT state": .rawText
            case "Script data state": .script
            case "PLAINTEXT state": .plainText
            case "CDATA section state": .cdata
            default: throw UnknownWord(word: state)
            }
        }
    }

    /// Returns the expected tokens.
    func tokens() throws -> [ShownToken] {
        try output.map { fields in
            switch fields.first {
            case .string("Character"): .text(string(fields[1]) ?? "")
            case .string("Comment"): .comment(string(fields[1]) ?? "")
            case .string("EndTag"): .endTag(string(fields[1]) ?? "")
            case .string("StartTag"):
                .startTag(
                    string(fields[1]) ?? "",
                    attributes(fields[2]),
                    isSelfClosing: fields.count > 3
                )
            case .string("DOCTYPE"):
                .doctype(
                    string(fields[1]),
                    publicID: string(fields[2]),
                    systemID: string(fields[3]),
                    forcesQuirks: !isTrue(fields[4])
                )
            default: throw UnknownWord(word: "\(fields)")
            }
        }
    }

    private func isTrue(_ field: TokenizerSuite.Field) -> Bool {
        if case .flag(let flag) = field { flag } else { false }
    }

    private func string(_ field: TokenizerSuite.Field) -> String? {
        guard case .string(let text) = field else { return nil }
        return String(decoding: bytes(text), as: UTF8.self)
    }

    private func attributes(_ field: TokenizerSuite.Field) -> [ShownAttribute] {
        guard case .attributes(let attributes) = field else { return [] }
        return attributes.map { ShownAttribute(name: $0, value: string(.string($1)) ?? "") }
    }

    /// Returns the text as UTF-8; if `doubleEscaped` is true, the text's escapes are decoded.
    ///
    /// An escaped surrogate becomes three bytes, as if it were a character.
    private func bytes(_ text: String) -> [UInt8] {
        guard doubleEscaped == true else { return Array(text.utf8) }
        var bytes: [UInt8] = []
        var rest = text[...]
        while let escape = rest.firstMatch(of: /\\u([0-9a-fA-F]{4})/) {
            bytes += rest[..<escape.range.lowerBound].utf8
            let unit = UInt32(escape.output.1, radix: 16) ?? 0
            if let scalar = Unicode.Scalar(unit) {
                bytes += Character(scalar).utf8
            } else {
                bytes += [0xE0 | unit >> 12, 0x80 | unit >> 6 & 0x3F, 0x80 | unit & 0x3F].map(UInt8.init)
            }
            rest = rest[escape.range.upperBound...]
        }
        return bytes + rest.utf8
    }
}

/// An unknown word in a file of the suite.
struct UnknownWord: Error {
    let word: String
}
