// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Testing
import TextEncodings

/// The encoding cases of html5lib-tests, where `FETCHPOOL_SUITES` names the folder that holds
/// `html5lib/encoding`.
///
/// Its folders `scripted` (a page whose script writes a meta element) and `chardet` (a page whose words are
/// to tell its encoding) are left out: fetchpool runs no scripts, and guesses by validity alone.
@Suite(.enabled(if: EncodingSuite.folder != nil, "FETCHPOOL_SUITES names no folder of test suites"))
struct EncodingSuiteTests {
    @Test func theFolderHoldsCases() throws {
        #expect(try EncodingSuite.cases().count > 0)
    }

    @Test(arguments: (try? EncodingSuite.cases()) ?? [])
    func encodingsAreThoseOfTheSuite(one: EncodingSuite) {
        let found = PageEncoding(of: Array(one.page).span, label: nil)
        // The suite takes windows-1252 for what names nothing; all such pages in it are ASCII.
        #expect(found.isDeclared || one.page.allSatisfy { $0 < 0x80 })
        let name = found.isDeclared ? found.encoding.rawValue : "windows-1252"
        #expect(name.lowercased() == one.encoding, "\(String(decoding: one.page, as: UTF8.self))")
    }
}

/// A case of the suite.
struct EncodingSuite: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let page: Data
    /// The name of its encoding, in lower case.
    let encoding: String

    /// The folder that the environment names.
    static let folder = ProcessInfo.processInfo.environment["FETCHPOOL_SUITES"]

    /// The cases of all files.
    static func cases() throws -> [EncodingSuite] {
        guard let folder = folder.map({ "\($0)/html5lib/encoding" }) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".dat") }
            .sorted()
            .flatMap { try cases(in: Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")), file: $0) }
    }

    private static func cases(in file: Data, file name: String) throws -> [EncodingSuite] {
        var cases: [EncodingSuite] = []
        var rest = file
        while let start = rest.range(of: Data("#data\n".utf8)),
            let end = rest.range(of: Data("\n#encoding\n".utf8), in: start.upperBound..<rest.endIndex)
        {
            let line = rest[end.upperBound...].prefix { $0 != UInt8(ascii: "\n") }
            cases.append(
                EncodingSuite(
                    testDescription: "\(name) \(cases.count + 1)",
                    page: Data(rest[start.upperBound..<end.lowerBound]),
                    encoding: String(decoding: line, as: UTF8.self).lowercased()
                )
            )
            rest = rest[end.upperBound...]
        }
        return cases
    }
}
