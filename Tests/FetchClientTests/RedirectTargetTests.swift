// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of the URLs to which the values of `Location` lead.
@Suite(.ownThread)
struct RedirectTargetTests {
    private func target(_ location: [UInt8], from base: String) throws -> TargetURL {
        try RedirectTarget.read(location, from: TargetURL(reading: Array(base.utf8).span))
    }

    private func target(_ location: String, from base: String) throws -> TargetURL {
        try target(Array(location.utf8), from: base)
    }

    /// Values of `Location`, and their targets from `http://a.test/dir/page?q`; an empty target means an
    /// error.
    static let locations: [(String, String)] = [
        ("there", "http://a.test/dir/there"), ("./there", "http://a.test/dir/there"),
        ("../there", "http://a.test/there"), ("/there", "http://a.test/there"),
        ("?x", "http://a.test/dir/page?x"),
        ("#x", "http://a.test/dir/page?q"), ("there#x", "http://a.test/dir/there"),
        ("//b.test/there", "http://b.test/there"), ("///b.test/there", "http://b.test/there"),
        ("\\\\b.test\\there", "http://b.test/there"), ("\\there\\x?\\", "http://a.test/there/x?\\"),
        ("http:/there", "http://a.test/there"), ("http:there", "http://a.test/dir/there"),
        ("https:/b.test/there", "https://b.test/there"), ("https:b.test", "https://b.test/"),
        ("HTTP://B.TEST/There", "http://b.test/There"), ("  /there  ", "http://a.test/there"),
        ("/th\tere", "http://a.test/there"), ("/a b", "http://a.test/a%20b"), ("/ü", "http://a.test/%C3%BC"),
        ("/?ü", "http://a.test/?%C3%BC"), ("/a\"<>`{}", "http://a.test/a%22%3C%3E%60%7B%7D"),
        ("http://b.test:80/", "http://b.test/"), ("http://b.test:443/", "http://b.test:443/"),
        ("/a/../b/./c", "http://a.test/b/c"), ("/a/%2e%2E/b", "http://a.test/b"),
        ("a.test", "http://a.test/dir/a.test"),
        ("www.a.test:x", ""), ("/x:y", "http://a.test/x:y"), ("http://b.test", "http://b.test/"),
        ("http://b.test?x", "http://b.test/?x"), ("http://[0:0::1]/", "http://[::1]/"),
        ("http://", ""), ("http://b.test:99999/", ""), ("http://b test/", ""),
        ("http://[::1/", ""), ("//", ""),
    ]

    @Test(arguments: locations)
    func locationLeadsToTheSameURLAsALinkInAPage(location: String, expected: String) throws {
        let base = "http://a.test/dir/page?q"
        let page = try TargetURL(reading: Array(base.utf8).span)
        let linked = URLReference.resolve(Array(location.utf8).span, against: page)
        guard !expected.isEmpty else {
            #expect(linked == nil)
            #expect(throws: TaskError.self) { try target(location, from: base) }
            return
        }
        let url = try target(location, from: base)
        #expect(url == linked)
        #expect(url.description == expected)
    }

    @Test func bytesThatAreNotUTF8ArePercentEncoded() throws {
        let url = try target(Array("/caf".utf8) + [0xE9] + Array("?".utf8) + [0xFC], from: "http://a.test/")
        #expect(url.description == "http://a.test/caf%E9?%FC")
    }

    @Test(arguments: [
        "mailto:a@b.test", "javascript:alert(1)", "file:///etc/passwd", "ftp://b.test/", "data:,x",
        "about:blank",
        " java\tscript:x", "FILE:/etc/passwd", "localhost:8080/x", "blob:http://a.test/x",
        "view-source:http://a/",
    ])
    func schemesOtherThanHTTPAndHTTPSAreRefused(location: String) throws {
        let error = #expect(throws: TaskError.self) { try target(location, from: "http://a.test/") }
        #expect(error?.errorClass == .scheme && error?.isRetryable == false)
    }

    @Test(arguments: [
        ("http://user:pass@b.test/", "user:pass"), ("//user@b.test/", "user:"), ("http://:p@b.test/", ":p"),
        ("http://u%3A:p%40%zz@b.test/", "u::p@%zz"), ("http://a@b:c@b.test/", "a@b:c"),
        ("https:u:p@b.test/", "u:p"),
        ("http:\\\\u:p@b.test\\", "u:p"),
    ])
    func userNameAndPasswordAreRead(location: String, credentials: String) throws {
        let target = try target(location, from: "http://a.test/")
        let basic = HeaderField(
            name: "Authorization",
            value: "Basic \(Base64.encode(Array(credentials.utf8)))"
        )
        #expect(target.authorization == basic)
        #expect(target.description.hasSuffix("://b.test/"))
    }

    @Test(arguments: [
        "http://b.test/@", "http://b.test?u:p@c", "http:u:p@b.test", "/u:p@b", "http://@b.test/",
        "http://:@b.test/",
    ])
    func emptyUserInfoAndAtSignsOutsideTheAuthorityGiveNoLogin(location: String) throws {
        #expect(try target(location, from: "http://a.test/").authorization == nil)
    }

    @Test(arguments: [
        ("http://a.test/", "http://a.test/x", true), ("http://a.test/", "http://a.test:80/", true),
        ("http://a.test/", "http://a.test.evil/", false), ("http://a.test:8/", "http://a.test:80/", false),
        ("http://a.test/", "http://a.test:8/", false), ("http://a.test/", "https://a.test/", false),
        ("http://a.test/", "http://b.test/", false),
    ])
    func originIsSchemeHostAndPort(one: String, other: String, isSame: Bool) throws {
        let (one, other) = try (
            TargetURL(reading: Array(one.utf8).span), TargetURL(reading: Array(other.utf8).span)
        )
        #expect(one.hasOrigin(of: other) == isSame && other.hasOrigin(of: one) == isSame)
    }
}
