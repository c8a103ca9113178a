// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Testing
import WebURL

/// Tests the reader of URLs with the suites in the subfolder `url` of the folder that `FETCHPOOL_SUITES`
/// names.
///
/// Most of the suites are from web-platform-tests.
@Suite(.enabled(if: URLSuite.folder != nil, "FETCHPOOL_SUITES names no folder of suites"))
struct URLSuiteTests {
    @Test(arguments: ["urltestdata.json", "ada_extra_urltestdata.json"])
    func urlsAreThoseOfTheSuite(file: String) throws {
        var count = 0
        for test in try URLSuite.read(file) {
            // The reader refuses URLs of other schemes than these three.
            let isOurs = test.href.map { href in ["http:", "https:", "data:"].contains { href.hasPrefix($0) }
            }
            if isOurs == false, href(test.input, against: test.base) == nil { continue }
            if let base = test.base, href(base) == nil { continue }
            // A `data:` URL with a slash after its colon has no media type, and is refused.
            if test.input.hasPrefix("data:/") {
                #expect(href(test.input) == nil)
                continue
            }
            count += 1
            #expect(
                href(test.input, against: test.base) == test.href,
                "\(test.input.debugDescription) \(test.base ?? "")"
            )
        }
        #expect(count > 0)
        print("\(file): \(count) cases")
    }

    @Test(arguments: ["toascii.json", "IdnaTestV2.json"])
    func nearlyAllNamesAreThoseOfTheSuite(file: String) throws {
        var (count, wrong, accepted) = (0, 0, 0)
        for test in try URLSuite.read(file) where !test.input.isEmpty {
            count += 1
            let expected = test.output == "" ? nil : test.output
            let found = host(test.input)
            if found != expected { wrong += 1 }
            if found != nil, expected == nil { accepted += 1 }
        }
        print("\(file): \(count) cases, \(wrong) wrong, of which \(accepted) are wrongly accepted")
        // Up to 2 % may be wrong, because the suite can use a newer version of Unicode than the tables in
        // `WebURL`.
        #expect(accepted == 0 && wrong * 50 <= count && count > 0)
    }
}

/// A reader of the files of the URL suites.
enum URLSuite {
    struct Test: Decodable {
        var input: String
        var base: String?
        var href: String?
        var output: String?
    }

    /// A case, or a remark between cases.
    private struct Entry: Decodable {
        var test: Test?
        init(from decoder: any Decoder) throws { test = try? Test(from: decoder) }
    }

    static let folder = ProcessInfo.processInfo.environment["FETCHPOOL_SUITES"]

    static func read(_ file: String) throws -> [Test] {
        let url = URL(fileURLWithPath: try #require(folder)).appendingPathComponent("url/" + file)
        let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        return try JSONDecoder().decode([Entry].self, from: Data(replacingHalves(text).utf8)).compactMap(
            \.test
        )
    }

    /// Replaces lone surrogates by U+FFFD, because no Swift string can contain a lone surrogate.
    private static func replacingHalves(_ text: String) -> String {
        let escape =
            #/\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\\\|\\u[dD][89a-fA-F][0-9a-fA-F]{2}/#
        return text.replacing(escape) { match in
            match.output.count == 6 ? #"\ufffd"# : String(match.output)
        }
    }
}
