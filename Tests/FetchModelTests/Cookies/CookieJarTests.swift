// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchModel

/// A cookie jar, and a clock that the test moves.
///
/// The jar has a short list of public suffixes; with `knowsSuffixes: false` there is no list.
struct JarScript {
    var jar: CookieJar
    /// The time of the clock, in seconds since 1970.
    var now = 1_700_000_000

    init(_ limits: CookieJar.Limits = CookieJar.Limits(), knowsSuffixes: Bool = true) {
        let suffixes = PublicSuffixes { domain in
            ["com", "co.uk", "uk", "localhost", "github.io", "io"].contains(domain)
        }
        jar = CookieJar(knowsSuffixes ? suffixes : .unknown, limits)
    }

    static func url(_ text: String) -> CookieURL {
        guard let url = try? TargetURL(reading: Array(text.utf8).span) else { preconditionFailure(text) }
        return CookieURL(url)
    }

    mutating func set(_ field: String, by url: String) {
        jar.take(setCookie: Array(field.utf8), from: Self.url(url), at: now)
    }

    /// Returns the value of the `Cookie` field in a request for a URL; an empty text if there are no cookies.
    ///
    /// `given` is the value of the `Cookie` field that the user gave.
    mutating func sent(_ url: String, beside given: String? = nil) -> String {
        let field = jar.field(for: Self.url(url), beside: given.map { Array($0.utf8) }, at: now)
        return String(decoding: field ?? [], as: UTF8.self)
    }
}

/// Tests of the cookies that a jar stores, and of the cookies that a jar sends to each URL (RFC 6265).
@Suite struct CookieJarTests {
    struct Case: Sendable {
        let field: String
        let setBy: String
        let sentTo: String
        let isSent: Bool

        init(_ field: String, by setBy: String, to sentTo: String, _ isSent: Bool) {
            (self.field, self.setBy, self.sentTo, self.isSent) = (field, setBy, sentTo, isSent)
        }
    }

    static let hosts = [
        Case("a=b", by: "http://www.example.com/", to: "http://www.example.com/", true),
        Case("a=b", by: "http://www.example.com/", to: "http://example.com/", false),
        Case("a=b", by: "http://example.com/", to: "http://www.example.com/", false),
        Case("a=b; Domain=example.com", by: "http://a.example.com/", to: "http://b.example.com/", true),
        Case("a=b; Domain=.Example.COM", by: "http://a.example.com/", to: "http://example.com/", true),
        Case("a=b; Domain=example.com", by: "http://a.example.com/", to: "http://badexample.com/", false),
        Case("a=b; domain=other.com", by: "http://example.com/", to: "http://other.com/", false),
        Case("a=b; domain=www.example.com", by: "http://example.com/", to: "http://www.example.com/", false),
        Case("a=b; domain=", by: "http://example.com/", to: "http://example.com/", true),
        Case("a=b; domain=", by: "http://example.com/", to: "http://www.example.com/", false),
        Case(
            "a=b; domain=example.com; domain=",
            by: "http://w.example.com/",
            to: "http://w.example.com/",
            true
        ),
        Case("a=b; Domain=com", by: "http://example.com/", to: "http://example.com/", false),
        Case("a=b; Domain=co.uk", by: "http://example.co.uk/", to: "http://example.co.uk/", false),
        Case("a=b; Domain=github.io", by: "http://me.github.io/", to: "http://you.github.io/", false),
        Case("a=b; Domain=github.io", by: "http://github.io/", to: "http://github.io/", true),
        Case("a=b; Domain=github.io", by: "http://github.io/", to: "http://you.github.io/", false),
        Case("a=b; Domain=example.com.", by: "http://example.com/", to: "http://example.com/", false),
        Case("a=b; Domain=b\u{fc}cher.com", by: "http://example.com/", to: "http://example.com/", false),
        // The ports of a host share its cookies (RFC 6265 §8.5).
        Case("a=b", by: "http://example.com:8080/", to: "http://example.com:81/", true),
        // An address has no subdomains.
        Case("a=b", by: "http://127.0.0.1/", to: "http://127.0.0.1:99/", true),
        Case("a=b; Domain=127.0.0.1", by: "http://127.0.0.1/", to: "http://127.0.0.1/", true),
        Case("a=b; Domain=0.0.1", by: "http://127.0.0.1/", to: "http://127.0.0.1/", false),
        Case("a=b; Domain=0.0.1", by: "http://127.0.0.1/", to: "http://9.0.0.1/", false),
        Case("a=b", by: "http://[::1]/", to: "http://[::1]:99/", true),
    ]

    @Test(arguments: hosts)
    func aCookieIsSentOnlyToItsHosts(example: Case) {
        var script = JarScript()
        script.set(example.field, by: example.setBy)
        #expect((script.sent(example.sentTo) == "a=b") == example.isSent)
    }

    static let paths = [
        Case("a=b", by: "http://h.com/x/y", to: "http://h.com/x/", true),
        Case("a=b", by: "http://h.com/x/y", to: "http://h.com/x", true),
        Case("a=b", by: "http://h.com/x/y", to: "http://h.com/xy", false),
        Case("a=b", by: "http://h.com/x/y", to: "http://h.com/", false),
        Case("a=b", by: "http://h.com/x", to: "http://h.com/", true),
        Case("a=b", by: "http://h.com?q=/x/y", to: "http://h.com/", true),
        Case("a=b; Path=/x", by: "http://h.com/", to: "http://h.com/x?q", true),
        Case("a=b; Path=/x", by: "http://h.com/", to: "http://h.com/x/y", true),
        Case("a=b; Path=/x", by: "http://h.com/", to: "http://h.com/xy", false),
        Case("a=b; Path=/x/", by: "http://h.com/", to: "http://h.com/x", false),
        Case("a=b; Path=x", by: "http://h.com/y/z", to: "http://h.com/y/", true),
        Case("a=b; Path=/z; Path=/", by: "http://h.com/y/z", to: "http://h.com/q", true),
        Case("a=b; Path=/X", by: "http://h.com/", to: "http://h.com/x", false),
    ]

    @Test(arguments: paths)
    func aCookieIsSentOnlyToItsPathAndToPathsBelow(example: Case) {
        var script = JarScript()
        script.set(example.field, by: example.setBy)
        #expect((script.sent(example.sentTo) == "a=b") == example.isSent)
    }

    static let schemes = [
        Case("a=b; Secure", by: "https://h.com/", to: "https://h.com/", true),
        Case("a=b; Secure", by: "https://h.com/", to: "http://h.com/", false),
        Case("a=b; sEcUrE=no", by: "https://h.com/", to: "http://h.com/", false),
        Case("a=b; Secure", by: "http://h.com/", to: "https://h.com/", false),
        Case("a=b", by: "https://h.com/", to: "http://h.com/", true),
        Case(
            "a=b; HttpOnly; SameSite=Strict; Partitioned; Unknown=1",
            by: "http://h.com/",
            to: "http://h.com/",
            true
        ),
    ]

    @Test(arguments: schemes)
    func aSecureCookieIsSentOnlyOverHTTPS(example: Case) {
        var script = JarScript()
        script.set(example.field, by: example.setBy)
        #expect((script.sent(example.sentTo) == "a=b") == example.isSent)
    }

    @Test(arguments: [
        ("__Secure-a=b", "https://h.com/", false), ("__Secure-a=b; Secure", "https://h.com/", true),
        ("__Host-a=b; Secure; Path=/", "https://h.com/", true),
        ("__Host-a=b; Secure", "https://h.com/", false),
        ("__Host-a=b; Path=/", "https://h.com/", false),
        ("__Host-a=b; Secure; Path=/x", "https://h.com/", false),
        ("__Host-a=b; Secure; Path=/; Domain=h.com", "https://h.com/", false),
        ("__hOST-a=b; Path=/", "https://h.com/", false),
        ("__Host-a=b; Secure; Path=/", "http://h.com/", false),
    ])
    func aCookieWithANamePrefixMustFollowTheRulesOfThePrefix(field: String, url: String, isTaken: Bool) {
        var script = JarScript()
        script.set(field, by: url)
        #expect((script.jar.count == 1) == isTaken)
    }

    @Test func aCookieOverHTTPDoesNotHideASecureCookie() {
        var script = JarScript()
        script.set("a=secret; Secure; Domain=h.com", by: "https://h.com/")
        script.set("a=other", by: "http://h.com/")
        script.set("a=other; Path=/x", by: "http://w.h.com/")
        #expect(script.jar.count == 1 && script.sent("https://w.h.com/x") == "a=secret")
        script.set("b=other", by: "http://h.com/")
        script.set("a=newer; Secure; Domain=h.com", by: "https://w.h.com/")
        #expect(script.sent("https://h.com/") == "a=newer; b=other")
        // A secure cookie of a subdomain is not hidden either.
        script.set("c=secret; Secure", by: "https://w.h.com/")
        script.set("c=other; Domain=h.com", by: "http://h.com/")
        #expect(
            script.sent("https://w.h.com/").contains("c=secret")
                && !script.sent("https://w.h.com/").contains("c=other")
        )
    }

    @Test(arguments: [
        "", "a", "=b", " = b", "a\u{0}=b", "a=b\u{1}", "a=b\r", "a=x\ty", "a\tx=b", "a=b; Path=/\u{7F}",
        "a=" + String(repeating: "x", count: 4_096),
    ])
    func fieldsThatAreNoCookiesAreIgnored(field: String) {
        var script = JarScript()
        script.set(field, by: "http://h.com/")
        #expect(script.jar.count == 0)
    }

    @Test(arguments: [
        ("a=b=c", "a=b=c"), ("  a\t=\t b ; Path=/", "a=b"), ("a=", "a="), ("a=\"b c\"", "a=\"b c\""),
        ("a=b;;;", "a=b"),
        ("a=b,c=d", "a=b,c=d"),
    ])
    func nameAndValueAreStoredWithoutTheBlanksAroundThem(field: String, sent: String) {
        var script = JarScript()
        script.set(field, by: "http://h.com/")
        #expect(script.sent("http://h.com/") == sent)
    }

    @Test func nameAndValueMayHave4096BytesTogether() {
        var script = JarScript()
        script.set("a=" + String(repeating: "x", count: 4_095), by: "http://h.com/")
        #expect(script.jar.count == 1)
    }

    @Test func cookiesAreSortedByPathLengthAndThenByAge() {
        var script = JarScript()
        script.set("one=1", by: "http://h.com/")
        script.set("two=2; Path=/x", by: "http://h.com/")
        script.set("three=3; Domain=h.com; Path=/", by: "http://h.com/")
        script.set("one=new", by: "http://h.com/")
        #expect(script.sent("http://h.com/x") == "two=2; one=new; three=3")
    }

    @Test func cookiesOfTheJarWithOtherNamesFollowTheUsersCookies() {
        var script = JarScript()
        script.set("a=jar", by: "http://h.com/")
        script.set("b=jar", by: "http://h.com/")
        #expect(script.sent("http://h.com/", beside: "c=me; a=me") == "c=me; a=me; b=jar")
        #expect(script.sent("http://other.com/", beside: "c=me") == "c=me")
    }

    // MARK: Expiry

    @Test(arguments: [
        "Max-Age=0", "Max-Age=-1", "max-age=-999999999999999999999", "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "expires=Mon, 1-Jan-90 00:00:00 GMT",
    ])
    func anExpiryInThePastRemovesTheCookie(attribute: String) {
        var script = JarScript()
        script.set("a=b", by: "http://h.com/")
        script.set("a=; \(attribute)", by: "http://h.com/")
        #expect(script.sent("http://h.com/") == "" && script.jar.count == 0)
        script.set("new=b; \(attribute)", by: "http://h.com/")
        #expect(script.jar.count == 0)
    }

    @Test(arguments: [
        ("Max-Age=60", 59, true), ("Max-Age=60", 60, false),
        ("Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 59, true),
        ("Expires=Tue, 14 Nov 2023 22:14:20 GMT", 59, true),
        ("Expires=Tue, 14 Nov 2023 22:14:20 GMT", 60, false),
        ("Max-Age=x", 999_999_999, true), ("Max-Age=1x; Max-Age=", 999_999_999, true),
        ("Expires=0", 999_999_999, true),
        ("Expires=soon", 999_999_999, true), ("Max-Age=99999999999999999999", 999_999_999, true),
    ])
    func aCookieIsSentUntilItExpires(attribute: String, seconds: Int, lasts: Bool) {
        var script = JarScript()
        script.set("a=b; \(attribute)", by: "http://h.com/")
        script.now += seconds
        #expect((script.sent("http://h.com/") == "a=b") == lasts)
        #expect(script.jar.cookies(at: script.now).isEmpty != lasts)
    }

    // MARK: Limits

    @Test func theLeastRecentlyUsedCookieIsRemovedFirst() {
        var limits = CookieJar.Limits()
        (limits.perSite, limits.cookies) = (3, 5)
        var script = JarScript(limits)
        for number in 1...3 { script.set("a\(number)=1; Path=/\(number)", by: "http://h.com/") }
        #expect(script.sent("http://h.com/1") == "a1=1")
        script.set("a4=1", by: "http://h.com/")
        #expect(
            script.jar.cookies(at: script.now).map { String(decoding: $0.name, as: UTF8.self) } == [
                "a1", "a3", "a4",
            ]
        )
        for number in 1...10 { script.set("b=1", by: "http://h\(number).com/") }
        #expect(
            script.jar.count == 5 && script.sent("http://h10.com/") == "b=1"
                && script.sent("http://h.com/3") == ""
        )
    }

    /// A host with many labels can set cookies for itself and for each domain above it.
    @Test func aSiteDoesNotDisplaceTheCookiesOfOtherSites() {
        var script = JarScript()
        script.set("login=1", by: "https://bank.com/")
        for number in 1...400 {
            let labels = (1...number % 50 + 1).map { "l\($0)." }.joined()
            script.set("c\(number)=x; Domain=\(labels)evil.co.uk", by: "http://\(labels)evil.co.uk/")
        }
        #expect(script.jar.count == 181 && script.sent("https://bank.com/") == "login=1")
        // A jar without the list of public suffixes gets the changes.
        var other = CookieJar()
        for cookie in script.jar.takeChanges() { other.add(cookie, at: script.now) }
        #expect(other.count == 181)
        for number in 400...500 {
            script.set("c\(number)=x", by: "http://h\(number).evil.co.uk/")
            for cookie in script.jar.takeChanges() { other.add(cookie, at: script.now) }
        }
        // If a jar removes a cookie because of a limit, the removal is no change, because another jar may use
        // the cookie.
        #expect(script.jar.count == 181 && other.count == 181 + 101)
    }

    /// Returns a jar that has changed a cookie and then displaced it, and a jar with the old cookie.
    private func jarsAfterADisplacement() -> (JarScript, JarScript) {
        var (one, other) = (JarScript(CookieJar.Limits(perSite: 2)), JarScript())
        one.set("a=1", by: "http://h.com/")
        for cookie in one.jar.takeChanges() { other.jar.merge(cookie, at: other.now) }
        one.set("a=2", by: "http://h.com/")
        for name in ["b", "c"] { one.set("\(name)=1; Path=/\(name)", by: "http://h.com/") }
        return (one, other)
    }

    @Test func aChangedCookieThatWasThenDisplacedIsNotRemovedFromOtherJars() {
        var (one, other) = jarsAfterADisplacement()
        #expect(one.sent("http://h.com/") == "")
        for cookie in one.jar.takeChanges() { other.jar.merge(cookie, at: other.now) }
        #expect(other.sent("http://h.com/") == "a=1")
    }

    /// Other jars may still use a cookie that this jar has displaced.
    @Test func theRemovalOfADisplacedCookieIsAChange() {
        var (one, other) = jarsAfterADisplacement()
        one.set("a=; Max-Age=0", by: "http://h.com/")
        for cookie in one.jar.takeChanges() { other.jar.merge(cookie, at: other.now) }
        #expect(other.sent("http://h.com/") == "")
    }

    @Test(arguments: [(10, 1 << 20), (1_000, 5_000)])
    func aFullJarRemovesCookiesOfTheSitesThatHoldMost(cookies: Int, bytes: Int) {
        var script = JarScript(CookieJar.Limits(cookies: cookies, bytes: bytes))
        script.set("login=1", by: "https://bank.com/")
        let value = String(repeating: "x", count: 300)
        for number in 1...60 { script.set("c\(number)=\(value)", by: "http://evil\(number % 3).com/") }
        #expect(script.jar.count <= 20 && script.sent("https://bank.com/") == "login=1")
    }

    @Test func theBytesOfAllCookiesAreLimited() {
        var limits = CookieJar.Limits()
        limits.bytes = 20_000
        var script = JarScript(limits)
        for number in 1...100 {
            script.set("a=" + String(repeating: "x", count: 4_000), by: "http://h\(number).com/")
        }
        #expect(script.jar.bytes <= 20_000 && script.jar.count >= 4)
    }

    @Test func theJarFillsAFieldUpTo150CookiesAnd8190Bytes() {
        var script = JarScript()
        for number in 1...170 { script.set("a\(number)=1", by: "http://h.com/") }
        #expect(script.sent("http://h.com/").split(separator: ";").count == 150)
        var large = JarScript()
        for number in 1...5 {
            large.set("a\(number)=" + String(repeating: "x", count: 3_000), by: "http://h.com/")
        }
        #expect(large.sent("http://h.com/").utf8.count < 8_190)
        #expect(large.sent("http://h.com/").split(separator: ";").count == 2)
    }

    @Test func withoutPublicSuffixesACookieIsSentOnlyToItsHost() {
        var script = JarScript(knowsSuffixes: false)
        script.set("a=b; Domain=example.com", by: "http://w.example.com/")
        #expect(script.sent("http://w.example.com/") == "a=b" && script.sent("http://example.com/") == "")
    }

    // MARK: Several jars

    private func texts(_ cookies: [Cookie]) -> [String] {
        cookies.map { String(decoding: CookieLine.text(of: $0), as: UTF8.self) }
    }

    @Test func anotherJarGetsAllChanges() {
        var (one, other) = (JarScript(), JarScript())
        one.set("a=1; Max-Age=60; HttpOnly", by: "http://h.com/")
        one.set("b=2; Domain=h.com", by: "http://h.com/")
        for cookie in one.jar.takeChanges() { other.jar.merge(cookie, at: other.now) }
        #expect(!one.jar.hasChanges && !other.jar.hasChanges)
        #expect(texts(other.jar.cookies(at: other.now)) == texts(one.jar.cookies(at: one.now)))
        one.set("a=; Max-Age=0", by: "http://h.com/")
        one.set("b=2; Domain=h.com", by: "http://h.com/")
        let changes = one.jar.takeChanges()
        #expect(changes.count == 1)
        for cookie in changes { other.jar.merge(cookie, at: other.now) }
        #expect(other.sent("http://h.com/") == "b=2")
    }

    @Test func aJarKeepsItsOwnUnsentChangeOfACookieThatAnotherJarHasChanged() {
        var (one, other) = (JarScript(), JarScript())
        one.set("a=one", by: "http://h.com/")
        other.set("a=other", by: "http://h.com/")
        for cookie in one.jar.takeChanges() { other.jar.merge(cookie, at: other.now) }
        #expect(other.sent("http://h.com/") == "a=other")
    }

    @Test func aSlightlyLaterExpiryIsNoChangeIfBothExpiriesAreFarAway() {
        var script = JarScript()
        script.set("a=b; Max-Age=86400", by: "http://h.com/")
        _ = script.jar.takeChanges()
        script.now += 30
        script.set("a=b; Max-Age=86400", by: "http://h.com/")
        #expect(!script.jar.hasChanges)
        script.now += 90
        script.set("a=b; Max-Age=86400", by: "http://h.com/")
        #expect(script.jar.hasChanges)
    }

    @Test func manySmallExtensionsOfACookieAreAChange() {
        var script = JarScript()
        script.set("a=b; Max-Age=86400", by: "http://h.com/")
        _ = script.jar.takeChanges()
        var changes = 0
        for _ in 0..<10 {
            script.now += 30
            script.set("a=b; Max-Age=86400", by: "http://h.com/")
            changes += script.jar.takeChanges().count
        }
        #expect(changes == 5)
    }

    @Test func jsonKeepsBytesOfCookiesThatAreNotUTF8() {
        var script = JarScript()
        script.jar.take(
            setCookie: [0x61, 0x3D, 0xE9, 0xFF, 0x22],
            from: JarScript.url("http://h.com/"),
            at: script.now
        )
        let cookies = script.jar.takeChanges()
        #expect(WireCookies.cookies(in: WireCookies.texts(of: cookies)) == cookies)
        #expect(cookies.first?.value == [0xE9, 0xFF, 0x22])
    }
}
