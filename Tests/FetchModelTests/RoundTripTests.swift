// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: 0...25)
    func settingsAreReadAsTheyWereWritten(changed: Int) throws {
        var settings = FetchSettings()
        let changes: [(inout FetchSettings) -> Void] = [
            { _ in }, { $0.concurrency = 5 }, { $0.timeout = .milliseconds(1_501) },
            { $0.connectTimeout = .milliseconds(7) },
            { $0.nameLifetime = .zero },
            { $0.maxBodyBytes = 9 }, { $0.maxRedirects = 0 },
            { $0.headers = [HeaderField(name: "A", value: "\"é")] }, { $0.userAgent = "" },
            { $0.certificateFile = "/a b" }, { $0.isInsecure = true }, { $0.isHTTP1Only = true },
            { $0.wantsResponses = true },
            { $0.spoolDirectory = "/s" }, { $0.workerNumber = 3 },
            { $0.proxy = try? ProxyURL(reading: "http://p:3128") },
            { $0.proxy = try? ProxyURL(reading: "socks5://m%3Ae:%22%C3%A9@p") },
            { $0.privateAddresses = .allow }, { $0.privateAddresses = .deny },
            { $0.keepsCookies = true }, { ($0.keepsCookies, $0.cookies) = (true, Self.cookies) },
            { $0.logins = Self.logins },
            { $0.givenAddresses = Self.addresses }, { $0.endsSlowResponses.toggle() },
            { $0.recordsHeaders.toggle() }, { $0.segmentBytes = 1 << 20 },
        ]
        #expect(changes.count == 26, "the arguments are the indexes of the changes")
        changes[changed](&settings)
        #expect((settings == FetchSettings()) == (changed == 0))
        var writer = JSONWriter()
        settings.write(into: &writer)
        var read = FetchSettings()
        try read.apply(0..<writer.bytes.count, of: writer.bytes.span)
        #expect(read == settings)
    }

    private static let cookies =
        (try? CookieFile(
            reading: Array("#HttpOnly_.h.com\tTRUE\t/\tTRUE\t9\ta\té\"\nh\tFALSE\t/x\tFALSE\t0\tb\t".utf8)
        ))?
        .cookies ?? []
    private static let logins = [
        HostLogin(host: "h", user: "é", password: "\"\t"), HostLogin(host: nil, user: "", password: ""),
    ]
    private static let addresses = ["h:80:1.2.3.4,::1", "*:1:[::2]"].compactMap {
        try? GivenAddresses(reading: $0)
    }

    @Test func anUnknownPolicyDeniesPrivateAddresses() throws {
        var settings = FetchSettings()
        let config = Array(#"{"private_addresses":"some"}"#.utf8)
        try settings.apply(0..<config.count, of: config.span)
        #expect(settings.privateAddresses == .deny)
    }

    /// A worker can get the proxy from its own command line, and the other settings from its coordinator.
    ///
    /// The rule `noRedirect` is accepted, because a coordinator sends this rule by default.
    @Test func aWorkersOwnProxyIsRefusedIfASettingCannotBeKept() throws {
        var settings = FetchSettings()
        let notice = try settings.set(proxy: try ProxyURL(reading: "http://p:3128"), privateAddresses: nil)
        #expect(notice != nil && settings.privateAddresses == .allow)
        settings.privateAddresses = .noRedirect
        try settings.checkProxy()
        settings.privateAddresses = .deny
        #expect(throws: ProxyURL.Refusal.self) { try settings.checkProxy() }
        settings.privateAddresses = .allow
        settings.givenAddresses = Self.addresses
        #expect(throws: ProxyURL.Refusal.self) { try settings.checkProxy() }
        // A proxy with a `socks5` URL gets addresses instead of names, so given addresses have an effect.
        settings.proxy = try ProxyURL(reading: "socks5://p:1080")
        try settings.checkProxy()
    }

    @Test(
        arguments: [
            ("http://proxy:3128", "http://proxy:3128"), ("proxy:3128", "http://proxy:3128"),
            ("http://PROXY/", "http://proxy:80"), ("[::1]:8080", "http://[::1]:8080"),
            ("localhost", "http://localhost:80"), ("HTTPS://proxy", "https://proxy:443"),
            ("https://proxy:80/", "https://proxy:80"), ("socks5://127.0.0.1", "socks5://127.0.0.1:1080"),
            ("socks5h://[::1]", "socks5h://[::1]:1080"), ("socks5h://proxy:80", "socks5h://proxy:80"),
            ("socks4://proxy", nil), ("socks5://", nil),
            ("https:proxy", nil),
            ("http://proxy:3128/?a", nil), ("//proxy", nil), ("ftp://proxy", nil), ("a b:1", nil),
        ]
    )
    func theTextOfAProxyHasAPort(text: String, url: String?) {
        let proxy = try? ProxyURL(reading: text)
        #expect(proxy?.description == url)
        #expect(proxy?.secretText == url)
    }

    /// In the text for libcurl and for workers, all bytes of the user name and the password are
    /// percent-encoded, except letters and digits.
    @Test(
        arguments: [
            ("http://me:secret@proxy:3128", "http://me:secret@proxy:3128"),
            ("me:secret@proxy", "http://me:secret@proxy:80"), ("https://me@[::1]/", "https://me:@[::1]:443"),
            ("socks5h://:secret@proxy:80", "socks5h://:secret@proxy:80"),
            ("http://me:a@b:c@proxy:1", "http://me:a%40b%3Ac@proxy:1"),
            ("http://m%65:%2f%25 +é@proxy:1", "http://me:%2F%25%20%2B%C3%A9@proxy:1"),
            ("http://%zz:%FF@proxy:1", "http://%25zz:%FF@proxy:1"),
            ("socks5://m%3Ae:x@proxy", "socks5://m%3Ae:x@proxy:1080"), ("http://@proxy:1", "http://proxy:1"),
            ("http://:@proxy:1", "http://proxy:1"),
        ]
    )
    func theLoginOfAProxyIsOnlyInItsSecretText(text: String, secret: String) throws {
        let proxy = try ProxyURL(reading: text)
        #expect(proxy.secretText == secret)
        #expect(try ProxyURL(reading: proxy.secretText) == proxy)
        #expect(!"\(proxy)".contains("@") && !"\(proxy)".contains("secret"))
    }

    @Test(
        arguments: [
            ("http://me:sec/ret@proxy:3128", "write / as %2F"), ("http://me:1?ret@proxy", "? as %3F"),
            ("http://me:99999#ret@proxy", "# as %23"), (#"socks5://me:1\ret@proxy"#, #"\ as %5C"#),
            ("http://me:ret%0Aret@proxy", "control character"), ("socks5://me%7F:ret@proxy", "control"),
            ("http://m%3Aret:x@proxy", "colon (RFC 7617)"),
            ("socks5://ret:\(String(repeating: "ret", count: 86))@proxy", "255 bytes"),
            ("http://me:ret@proxy/path", "write http://proxy:80"), ("ret://me:ret@proxy", "write a proxy as"),
            ("http://me:ret@", "the host is empty"), ("http://me:ret@proxy:x", "the port is not a number"),
        ]
    )
    func theRefusalOfAProxyShowsNoLogin(text: String, says: String) {
        do throws(ProxyURL.Refusal) {
            _ = try ProxyURL(reading: text)
            Issue.record("the text was accepted")
        } catch {
            #expect(error.description.contains(says), "\(error)")
            #expect(!error.description.contains("ret"), "\(error)")
        }
    }

    /// Without a proxy, requests could go to hosts that only the proxy is allowed to reach.
    @Test(arguments: ["socks4://p", "http://p/x", ""])
    func aProxyThatCannotBeReadIsReplacedByOneThatIsNeverReached(text: String) throws {
        var settings = FetchSettings()
        let config = Array(#"{"proxy":"\#(text)"}"#.utf8)
        try settings.apply(0..<config.count, of: config.span)
        #expect(settings.proxy?.secretText == "http://unreadable-proxy.invalid:80")
    }

    @Test(
        arguments: [
            .inline([]), .inline(Array("é\"\n".utf8)), .segment(SegmentName(worker: 3, number: 7), offset: 5),
            .file(path: "/s/3-7", offset: 9),
        ]
            as [Response.Body]
    )
    func aResponseIsReadAsItWasWrittenForEachFormOfItsBody(body: Response.Body) throws {
        let headers = [HeaderField(name: "a", value: "1"), HeaderField(name: "a", value: "")]
        let full = Response(
            status: 200,
            url: "http://a/",
            headers: headers,
            contentType: "text/html",
            charset: "utf-8",
            bytes: 4,
            body: body
        )
        var plain = full
        (plain.contentType, plain.charset, plain.headers) = (nil, nil, [])
        for response in [full, plain] {
            var writer = JSONWriter()
            response.write(into: &writer)
            #expect(try Response(reading: 0..<writer.bytes.count, of: writer.bytes.span) == response)
        }
    }
}
