// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchOptionTable
import OptionTable
import Testing

/// Tests the fetch options on a command line without other options.
@Suite struct FetchOptionsTests {
    /// An option, with its value if it takes one, and the resulting settings.
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
        Example("--timeout", "30s") { $0.endsSlowResponses = false },
        Example("--timeout", "7s") { ($0.timeout, $0.endsSlowResponses) = (.seconds(7), false) },
        Example("--connect-timeout", "7s") { $0.connectTimeout = .seconds(7) },
        Example("--dns-cache", "0") { $0.nameLifetime = .zero },
        Example("--max-body", "7KiB") { $0.maxBodyBytes = 7_168 },
        Example("--max-body", "8388607TiB") { $0.maxBodyBytes = 1 << 53 - 1 },
        Example("--max-redirects", "7") { $0.maxRedirects = 7 },
        Example("--private-addresses", "deny") { $0.privateAddresses = .deny },
        Example("--header", "A: b c\t") { $0.headers = [HeaderField(name: "A", value: "b c")] },
        Example("--user-agent", "me") { $0.userAgent = "me" },
        Example("--proxy", "localhost:3128") {
            ($0.proxy, $0.privateAddresses) = (try? ProxyURL(reading: "http://localhost:3128"), .allow)
        },
        Example("--session") { $0.keepsCookies = true },
        Example("--cookie-jar", "jar") { ($0.keepsCookies, $0.cookieJar) = (true, "jar") },
        Example("--resolve", "H:443:[::1]") {
            $0.givenAddresses = [try? GivenAddresses(reading: "h:443:::1")].compactMap(\.self)
        },
        Example("--proxy", "socks5h://me:p@h") {
            ($0.proxy, $0.privateAddresses) = (try? ProxyURL(reading: "socks5h://me:p@h:1080"), .allow)
        },
        Example("-H", "A: b") { $0.headers = [HeaderField(name: "A", value: "b")] },
        Example("--user-agent", " ") { $0.userAgent = "" },
        Example("-A", "me") { $0.userAgent = "me" },
        Example("-k") { $0.isInsecure = true },
        Example("--insecure") { $0.isInsecure = true },
        Example("--http1.1") { $0.isHTTP1Only = true },
        Example("--headers") { $0.recordsHeaders = true },
    ]

    @Test(arguments: examples)
    func anOptionSetsWhatItNames(example: Example) throws {
        #expect(try FetchCommandLine.settings(example.words) == example.settings)
    }

    /// Options that read a file have no example, because the file must exist.
    @Test func eachRowHasAnExample() {
        let words = Self.examples.compactMap(\.words.first).filter { $0.hasPrefix("--") }
        let named = Set(words + ["--cacert", "--cookies", "--netrc"])
        #expect(Set(FetchCommandLine.names) == named)
    }

    @Test func defaultsThatHelpShowsAreThoseOfTheSettings() throws {
        var count = 0
        for row in FetchCommandLine.rows {
            let name = try #require(row.name)
            guard let text = row.shownDefault, !["none", "the system's"].contains(text) else { continue }
            // The text after a semicolon applies only together with another option.
            let value = String(text.split(separator: ";")[0])
            var settings = try FetchCommandLine.settings([name, value])
            settings.endsSlowResponses = true
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
        (["--header", "A"], "--header: expected 'Name: value', and the colon is missing"),
        (["--header", "A b: c"], "--header: the header name 'A b' is not a token"),
        (["--header", "A: b\nC: d"], "--header: the value of header 'A' holds a line break or NUL"),
        (["--user-agent", "a\nb"], "--user-agent: it holds a line break or another control character"),
        (["--max-redirects", "101"], "--max-redirects: expected a whole number from 0 to 100, got '101'"),
        (
            ["--private-addresses", "no"],
            "--private-addresses: expected allow, no-redirect or deny, got 'no'"
        ),
        (
            ["--cookie-jar", "-"],
            "--cookie-jar: this option takes the name of a file; standard output is for records"
        ),
        (
            ["--resolve", "h:80:x"],
            "--resolve: 'x' is neither an IPv4 nor an IPv6 address; expected HOST:PORT:ADDRESS, such as example.com:443:127.0.0.1 or example.com:443:[::1]"
        ),
        (
            ["--resolve", "h:80:1.2.3.4", "--proxy", "me:secret@h"],
            "--resolve has no effect with --proxy http://h:80, which resolves names itself; leave out one of the two options"
        ),
        (
            ["-b", "/nowhere/sid=secret"],
            "-b: this option takes the name of a file, and this file cannot be read; for a cookie in each request write --header 'Cookie: NAME=VALUE'"
        ),
        (["--netrc", "/nowhere"], "--netrc: the file '/nowhere' cannot be read: No such file or directory"),
        (["--header", "A: \u{10FFFF}"], "--header: the value is not valid UTF-8, which workers need"),
        (
            ["--header", "Proxy-Authorization: Basic secret"],
            "--header: the header 'Proxy-Authorization' would go to servers instead of the proxy; write --proxy http://user:password@host:port"
        ),
        (
            ["--private-addresses", "deny", "--proxy", "socks5://me:secret@h"],
            "--private-addresses deny cannot be applied with --proxy: the proxy connects, so fetchpool does not see the addresses of the hosts; leave out one of the two options"
        ),
        (
            ["--proxy", "http://me:secret@h\u{10FFFF}"],
            "--proxy: the value is not valid UTF-8, which workers need"
        ),
    ])
    func invalidValuesAreRefusedWithTheReason(words: [String], sentence: String) {
        #expect(throws: UsageError(sentence)) { try FetchCommandLine.settings(words) }
    }

    @Test func theNoticeSaysThatAProxyAllowsPrivateAddresses() throws {
        let notices = try FetchCommandLine.options(["--proxy", "http://h"]).resolved().notices
        #expect(notices.count == 1 && notices[0].contains("so --private-addresses is allow"))
        let asked = ["--proxy", "http://h", "--private-addresses", "allow"]
        #expect(try FetchCommandLine.options(asked).resolved().notices.isEmpty)
        #expect(throws: UsageError.self) {
            try FetchCommandLine.settings(["--private-addresses", "deny", "--proxy", "http://h"])
        }
    }
}
