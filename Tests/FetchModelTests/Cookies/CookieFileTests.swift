// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchModel

/// Tests of the dates in cookies; servers write dates in many forms (RFC 6265 §5.1.1).
@Suite struct CookieDateTests {
    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
        ("Sun Nov  6 08:49:37 1994", 784_111_777), ("08:49:37 6 november 94", 784_111_777),
        ("Wed, 09-Nov-2033 23:12:40 GMT", 2_015_190_760), ("1 jan 69 0:0:0", 3_124_224_000),
        ("1-Jan-70 0:0:0", 0),
        ("Sun, 06 Nov 1994 08:49:37GMT", 784_111_777), ("Thu, 29 Feb 2024 00:00:00 +0100", 1_709_164_800),
        ("06/Nov/1994,8:49:37", 784_111_777), ("Tue, 01 Jan 1901 00:00:00 GMT", -2_177_452_800),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
    ])
    func formsOfDatesAreRead(text: String, seconds: Int) {
        #expect(CookieDate.seconds(Array(text.utf8)) == seconds)
    }

    @Test(
        arguments: [
            "", "0", "-1", "soon", "Sun, 06 Nov 1994", "Sun, 32 Nov 1994 08:49:37",
            "Sun, 29 Feb 2023 00:00:00",
            "Sun, 06 Nov 1600 08:49:37", "Sun, 06 Nov 1994 24:00:00", "Sun, 06 Nov 1994 08:60:00",
            "06 11 1994 08:49:37",
            "2030-01-02T03:04:05Z",
        ]
    )
    func invalidDatesAreRefused(text: String) {
        #expect(CookieDate.seconds(Array(text.utf8)) == nil)
    }
}

/// Tests of cookie files in the Netscape format.
@Suite struct CookieFileTests {
    @Test func cookiesAreWrittenAsTheyWereRead() throws {
        let lines = [
            "#HttpOnly_h.com\tFALSE\t/x\tTRUE\t2000000000\tsid\ta=b \"c\"",
            ".h.com\tTRUE\t/\tFALSE\t0\tempty\t",
            "127.0.0.1\tFALSE\t/\tFALSE\t0\ta\tb",
        ]
        let text =
            "\u{FEFF}# Netscape HTTP Cookie File\r\n\r\n" + lines.joined(separator: "\r\n") + "\n \t\n# end"
        let cookies = try CookieFile(reading: Array(text.utf8)).cookies
        #expect(cookies.count == 3)
        let written = String(decoding: CookieFile.text(of: cookies), as: UTF8.self)
        #expect(written.hasPrefix("# Netscape HTTP Cookie File\n"))
        #expect(written.split(separator: "\n").filter { !$0.hasPrefix("# ") }.map(String.init) == lines)
    }

    @Test func formsOfOtherProgramsAreRead() throws {
        // The line has `true` and `false` in lower case and a fraction of a second. There is no dot before
        // the domain and no tab after the name.
        let text = "H.com\ttrue\t/\tfalse\t2000000000.5\ta"
        let cookie = try #require(CookieFile(reading: Array(text.utf8)).cookies.first)
        #expect(
            cookie.domain == "h.com" && !cookie.isHostOnly && cookie.expiry == 2_000_000_000
                && cookie.value == []
        )
        let address = try CookieFile(reading: Array("127.0.0.1\tTRUE\t/\tFALSE\t0\ta\tb".utf8)).cookies
        #expect(address.first?.isHostOnly == true)
        // wget writes ports. Python ignores lines that begin with `$`. Python writes cookies without names,
        // and an empty expiry for the end of the session.
        let others = [
            "$Version=1", "h.com:8080\tFALSE\t/\tFALSE\t0\tport\t1", "h.com\tFALSE\t/\tFALSE\t\tsession\t1",
            "h.com\tFALSE\t/\tFALSE\t-1\tgone\t1", "h.com\tFALSE\t/\tFALSE\t0\t\tnameless",
            "::1\tFALSE\t/\tFALSE\t0\tsix\t",
        ]
        let read = try CookieFile(reading: Array(others.joined(separator: "\n").utf8)).cookies
        #expect(read.map { String(decoding: $0.name, as: UTF8.self) } == ["port", "session", "gone", "six"])
        #expect(read.map(\.domain) == ["h.com", "h.com", "h.com", "::1"])
        #expect(read.map(\.expiry) == [nil, nil, 1, nil])
    }

    @Test func theCookieOfAHostTakesPrecedenceOverTheCookieOfTheHostWithDotLocal() throws {
        let lines = ["name", "name.local", "other.local"].map { "\($0)\tFALSE\t/\tFALSE\t0\ta\t\($0)" }
        let read = try CookieFile(reading: Array(lines.joined(separator: "\n").utf8)).cookies
        #expect(read.map(\.domain) == ["name", "name.local", "other.local", "other"])
        #expect(String(decoding: read[0].value, as: UTF8.self) == "name")
    }

    /// Python writes `name.local` for a host without a dot, and brackets for an IPv6 address.
    @Test(arguments: [
        ("localhost.local", ["localhost.local", "localhost"]), ("[::1].local", ["::1"]), ("[::1]", ["::1"]),
        ("a.b.local", ["a.b.local"]), ("local", ["local"]),
    ])
    func cookiesOfShortHostsInFilesOfPythonAreRead(domain: String, hosts: [String]) throws {
        let line = "\(domain)\tFALSE\t/\tFALSE\t\tsess\t2"
        #expect(try CookieFile(reading: Array(line.utf8)).cookies.map(\.domain) == hosts)
        let below = try CookieFile(reading: Array(".printer.local\tTRUE\t/\tFALSE\t0\ta\tb".utf8))
        #expect(below.cookies.map(\.domain) == ["printer.local"])
    }

    @Test(arguments: [
        ("h.com FALSE / FALSE 0 a b", "7 columns with tabs between them, found 1"),
        ("h.com\tFALSE\t/\tFALSE\t0\ta\tb\tc", "found 8"), ("Set-Cookie: a=b", "found 1"),
        ("\tFALSE\t/\tFALSE\t0\ta\tb", "the first column"),
        ("h.com:x\tFALSE\t/\tFALSE\t0\ta\tb", "the first column"),
        ("h.com:\tFALSE\t/\tFALSE\t0\ta\tb", "the first column"),
        ("[h.com].local\tFALSE\t/\tFALSE\t0\ta\tb", "the first column"),
        ("[::1].com\tFALSE\t/\tFALSE\t0\ta\tb", "the first column"),
        ("b\u{fc}cher.de\tFALSE\t/\tFALSE\t0\ta\tb", "the first column"),
        ("h.com\tyes\t/\tFALSE\t0\ta\tb", "the second column must be TRUE or FALSE"),
        ("h.com\tFALSE\tx\tFALSE\t0\ta\tb", "the third column"),
        ("h.com\tFALSE\t/\t1\t0\ta\tb", "the fourth column"),
        ("h.com\tFALSE\t/\tFALSE\tnever\ta\tb", "the fifth column"),
        ("h.com\tFALSE\t/\tFALSE\t-\ta\tb", "the fifth column"),
        ("h.com\tFALSE\t/\tFALSE\t0\t\t", "the sixth column"),
        ("h.com\tFALSE\t/\tFALSE\t0\ta\tb; c=d", "control character"),
        ("h.com\tFALSE\t/\tFALSE\t0\ta\tb\u{1}", "control character"),
        ("h.com\tFALSE\t/\tFALSE\t0\ta\t" + String(repeating: "x", count: 4_096), "4096 bytes"),
    ])
    func theErrorForABadLineHasTheLineNumberAndTheReason(line: String, reason: String) {
        let text = "# Netscape HTTP Cookie File\n\n\(line)\n"
        do {
            _ = try CookieFile(reading: Array(text.utf8))
            Issue.record("the text was accepted")
        } catch {
            #expect(error.line == 3 && error.reason.contains(reason), "\(error)")
        }
    }
}

/// Tests of files in the format of netrc(5).
@Suite struct NetrcTests {
    private func login(_ text: String, _ host: String) throws -> String? {
        let logins = try Netrc(reading: Array(text.utf8)).logins
        return HostLogin.find(host, in: logins).map { "\($0.user):\($0.password)" }
    }

    @Test func theFirstEntryWithALoginForTheHostCounts() throws {
        let text = """
            # comment
            machine One.com login me password first account x
            machine two.com
                password "with \\"quote\\" and blank"
                login you
            macdef init
            machine three.com login no password no

            machine one.com login later password second
            machine nologin.com password only
            default login any password "#1"
            """
        #expect(try login(text, "one.com") == "me:first")
        #expect(try login(text, "two.com") == "you:with \"quote\" and blank")
        #expect(try login(text, "three.com") == "any:#1")
        #expect(try login(text, "nologin.com") == "any:#1")
        #expect(try login("machine a.com login me", "b.com") == nil)
        #expect(try login("", "b.com") == nil)
        let logins = try Netrc(reading: Array("default login any machine a.com login me".utf8)).logins
        #expect(HostLogin.find("a.com", in: logins)?.user == "any")
        #expect(HostLogin.find("a.com", in: logins, isNamed: true)?.user == "me")
        #expect(HostLogin.find("b.com", in: logins, isNamed: true) == nil)
    }

    /// Words such as `method` and `protocol` occur in the netrc files of Heroku, GitHub and other programs.
    @Test(arguments: [
        "machine a.com login me password p method interactive machine b.com login you",
        "machine a.com\n  method interactive\n  login me\n  protocol https\n  password p\n\nmachine b.com login you",
        "machine a.com port 8443 login me account x password p\nmachine b.com login you",
        "machine a.com login me password p # it's \"mine\n#machine b.com login no\nmachine b.com login you",
        "machine a.com #login no\nlogin me #\npassword p\nmachine b.com login you #",
        "machine a.com login me password p odd \u{FF}\u{1}\nmachine b.com login you # \u{1}",
        "machine x login \u{1} machine y login me:you\nmachine a.com login me password p\nmachine b.com login you",
        "machine a.com login me password p\nmacdef init\n cd \"x\n\nmachine b.com login you password \"\"",
    ])
    func wordsOfOtherProgramsAndCommentsAreSkipped(text: String) throws {
        #expect(try login(text, "a.com") == "me:p")
        #expect(try login(text, "b.com") == "you:")
    }

    @Test func aValueMayBeginLikeACommentOrBeAKeyword() throws {
        #expect(try login("machine a login #me password #p # comment", "a") == "#me:#p")
        #expect(try login("machine a login macdef password machine", "a") == "macdef:machine")
    }

    /// If the entry of the host were dropped, the host would get the login for all hosts.
    @Test(arguments: [
        ("login a:b", "a user name cannot hold a colon (RFC 7617)"),
        ("login \u{7F}", "the value holds a control character"),
        ("login a password \u{1}", "the value holds a control character"),
        ("login a password \u{FF}", nil),
    ])
    func aLoginThatCannotBeSentHasNoHeaderField(words: String, reason: String?) throws {
        let text = "machine one.com \(words)\ndefault login any"
        let file = try Netrc(reading: Array(text.utf8))
        let login = try #require(HostLogin.find("one.com", in: file.logins))
        #expect((login.field == nil) == (reason != nil))
        #expect(file.unsendable.map(\.reason) == [reason].compactMap(\.self))
        #expect(HostLogin.find("two.com", in: file.logins)?.field != nil)
    }

    @Test func aLoginThatIsNotUTF8HasNoHeaderField() throws {
        let text = Array("machine a login me password ".utf8) + [0xE9] + Array("\nmachine b login me".utf8)
        let file = try Netrc(reading: text)
        #expect(file.logins.map { $0.field == nil } == [true, false])
        #expect(file.unsendable.map(\.line) == [1])
        #expect(file.unsendable.map(\.reason) == ["the value is not valid UTF-8"])
    }

    @Test func theHeaderFieldIsBasicAuthentication() {
        let field = HostLogin(host: "h", user: "Aladdin", password: "open sesame").field
        #expect(field?.value == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        for (text, base64) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ] {
            #expect(Base64.encode(Array(text.utf8)) == base64)
        }
    }

    @Test(arguments: [
        ("login me", 1, "machine, default or macdef"), ("machine a login", 1, "ends after"),
        ("# a\nuser me", 2, "expected machine"), ("machine a login \"me", 1, "quote"),
        ("\n\nmachine", 3, "ends after"), ("machine a login # b\npassword\n#", 2, "ends after"),
    ])
    func theErrorForABadLineHasTheLineNumberAndTheReason(text: String, line: Int, reason: String) {
        do {
            _ = try Netrc(reading: Array(text.utf8))
            Issue.record("the text was accepted")
        } catch {
            #expect(error.line == line && error.reason.contains(reason), "\(error)")
        }
    }
}

/// Tests of the addresses that the option `--resolve` gives to hosts.
@Suite struct GivenAddressesTests {
    @Test(arguments: [
        ("Example.com:443:127.0.0.1", "example.com:443:127.0.0.1"), ("h:1:[::1]", "h:1:[::1]"),
        ("h:1:::1", "h:1:[::1]"),
        ("h:65535:1.2.3.4,[2001:DB8::1]", "h:65535:1.2.3.4,[2001:db8::1]"),
        ("*:80:10.0.0.1", "*:80:10.0.0.1"),
    ])
    func addressesInAllFormsAreRead(text: String, read: String) throws {
        let given = try GivenAddresses(reading: text)
        #expect(given.text == read)
        #expect(try GivenAddresses(reading: given.text) == given)
    }

    @Test func givenAddressesApplyOnlyToTheirHostAndPort() throws {
        let one = try GivenAddresses(reading: "h:80:1.2.3.4")
        #expect(one.isFor("h", 80) && !one.isFor("h", 81) && !one.isFor("w.h", 80))
        let all = try GivenAddresses(reading: "*:80:1.2.3.4")
        #expect(all.isFor("h", 80) && !all.isFor("h", 443))
    }

    @Test(arguments: [
        "", "h", "h:80", "h:80:", ":80:1.2.3.4", "h:0:1.2.3.4", "h:x:1.2.3.4", "h:65536:1.2.3.4",
        "h:80:nowhere",
        "h:80:1.2.3.4,", "h:80:[1.2.3", "1.2.3.4:80:5.6.7.8", "[::1]:80:1.2.3.4", "h/x:80:1.2.3.4", "-h:80",
        "h:+80:1.2.3.4",
        "me@h:80:1.2.3.4", "h:80:fe80::1%eth0",
    ])
    func invalidTextsAreRefused(text: String) {
        #expect(throws: GivenAddresses.Refusal.self) { try GivenAddresses(reading: text) }
    }
}
