// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchOptionTable
import OptionTable
import Testing

/// Tests the fetch options on a command line without other options.
@Suite struct FetchOptionsTests {
    /// An option with a value, and the resulting settings.
    struct Example: Sendable {
        let words: [String]
        let settings: FetchSettings

        init(_ words: String..., sets change: (inout FetchSettings) -> Void) {
            var settings = FetchSettings()
            change(&settings)
            (self.words, self.settings) = (words, settings)
        }
    }

    static let examples = [
        Example("--concurrency", "7") { $0.concurrency = 7 },
        Example("--timeout", "30s") { $0.endsSlowAnswers = false },
        Example("--timeout", "7s") { ($0.timeout, $0.endsSlowAnswers) = (.seconds(7), false) },
        Example("--connect-timeout", "7s") { $0.connectTimeout = .seconds(7) },
        Example("--dns-cache", "0") { $0.nameLifetime = .zero },
        Example("--max-body", "7KiB") { $0.maxBodyBytes = 7_168 },
        Example("--max-redirects", "7") { $0.maxRedirects = 7 },
        Example("--private-addresses", "deny") { $0.privateAddresses = .deny },
        Example("--header", "A: b c\t") { $0.headers = [HeaderField(name: "A", value: "b c")] },
        Example("--user-agent", "me") { $0.userAgent = "me" },
        Example("--proxy", "localhost:3128") {
            ($0.proxy, $0.privateAddresses) = ("http://localhost:3128", .allow)
        },
        Example("--insecure") { $0.isInsecure = true },
        Example("--http1.1") { $0.isHTTP1Only = true },
    ]

    @Test(arguments: examples)
    func anOptionSetsWhatItNames(example: Example) throws {
        #expect(try FetchCommandLine.settings(example.words) == example.settings)
    }

    /// Only the value of `--cacert` must name an existing file, so it has no example.
    @Test func eachRowHasAnExample() {
        let named = Set(Self.examples.compactMap(\.words.first) + ["--cacert"])
        #expect(Set(FetchCommandLine.names) == named)
    }

    @Test func defaultsThatHelpShowsAreThoseOfTheSettings() throws {
        var count = 0
        for row in FetchCommandLine.rows {
            let name = try #require(row.name)
            guard let text = row.shownDefault, !["none", "the system's"].contains(text) else { continue }
            // The text after the semicolon applies together with another option.
            let value = String(text.split(separator: ";")[0])
            var settings = try FetchCommandLine.settings([name, value])
            settings.endsSlowAnswers = true
            if name == "--user-agent" {
                #expect(settings.userAgent == ProductVersion.userAgent)
                settings.userAgent = nil
            }
            #expect(settings == FetchSettings(), "\(name)")
            count += 1
        }
        #expect(count == 8)
    }

    @Test(arguments: [
        (["--header", "A"], "--header: expected 'Name: value', got 'A'"),
        (["--header", "A b: c"], "--header: the header name 'A b' is not a token"),
        (["--header", "A: b\nC: d"], "--header: the value of header 'A' holds a line break or NUL"),
        (["--user-agent", "a\nb"], "--user-agent: it holds a line break or another control character"),
        (["--max-redirects", "101"], "--max-redirects: expected a whole number from 0 to 100, got '101'"),
        (
            ["--private-addresses", "no"],
            "--private-addresses: expected allow, no-redirect or deny, got 'no'"
        ),
        (["--header", "A: \u{10FFFF}"], "--header: 'A: \u{10FFFF}' is not valid UTF-8, which workers need"),
    ])
    func otherValuesAreRefused(words: [String], sentence: String) {
        #expect(throws: UsageError(sentence)) { try FetchCommandLine.settings(words) }
    }

    @Test func aProxyAllowsPrivateAddressesAndSaysSo() throws {
        let notice = try FetchCommandLine.options(["--proxy", "http://h"]).resolved().notice
        #expect(notice?.contains("so --private-addresses is allow") == true)
        let asked = ["--proxy", "http://h", "--private-addresses", "allow"]
        #expect(try FetchCommandLine.options(asked).resolved().notice == nil)
        #expect(throws: UsageError.self) {
            try FetchCommandLine.settings(["--private-addresses", "deny", "--proxy", "http://h"])
        }
    }
}
