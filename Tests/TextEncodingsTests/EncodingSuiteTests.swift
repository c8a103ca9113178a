// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Testing
import TextEncodings

/// Tests the choice of encodings with html5lib-tests.
///
/// The tests run only if the environment variable `FETCHPOOL_SUITES` is set. The variable must name a folder
/// with `html5lib/encoding`.
///
/// Three subfolders are left out. `scripted` needs a script that writes a meta element, but fetchpool runs no
/// scripts. `chardet` needs a guess from a page's words, but fetchpool only checks whether bytes are valid
/// UTF-8. `preparsed` ignores meta elements after the first 1,024 bytes, but fetchpool reads the whole page.
@Suite(.enabled(if: EncodingSuite.folder != nil, "FETCHPOOL_SUITES names no folder of test suites"))
struct EncodingSuiteTests {
    @Test func theFolderContainsCases() throws {
        #expect(try EncodingSuite.cases().count > 0)
    }

    @Test(arguments: (try? EncodingSuite.cases()) ?? [])
    func encodingsAreThoseOfTheSuite(one: EncodingSuite) {
        // The suite expects windows-1252 for a page that names no encoding.
        let name = PageEncoding.declared(by: Array(one.page))?.rawValue ?? "windows-1252"
        #expect(name.lowercased() == one.encoding, "\(String(decoding: one.page, as: UTF8.self))")
    }
}

/// A case of the suite.
struct EncodingSuite: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let page: Data
    /// The name of the expected encoding, in lower case.
    let encoding: String

    /// The folder of the test suites, from the environment; `nil` if the environment names none.
    static let folder = ProcessInfo.processInfo.environment["FETCHPOOL_SUITES"]

    /// Returns the cases of all `.dat` files in `html5lib/encoding`; none if `folder` is `nil`.
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
