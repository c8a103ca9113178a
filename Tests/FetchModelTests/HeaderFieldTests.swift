// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchModel

/// Tests of the header fields that are refused in a task, and of similar fields that are allowed.
struct HeaderFieldTests {
    @Test(
        arguments: [
            ("Content-Length", "1"), ("Content_Length", "1"), ("transfer_encoding", "chunked"),
            ("TRANSFER-ENCODING", "identity"), ("Connection", "Content-Length"),
            ("connection", "close, X-Own"),
            ("Connection", "upgrade"), ("TE", "gzip"), ("te", "trailers, deflate;q=0.5"), ("TE", "chunked"),
            ("TE", ""),
            ("Upgrade", "h2c"), ("upgrade", "websocket"), ("HTTP2-Settings", "AAMAAABkAAQAAP__"),
            ("Keep-Alive", "300"), ("Proxy-Connection", "keep-alive"),
            ("Proxy-Authorization", "Basic eDp5"), ("proxy_authorization", ""),
            ("Host", ""), ("Host", "a b"), ("Host", "a, b"), ("host", "http://a/"), ("Host", "user@a"),
            ("Host", "a/b"), ("Host", "b\u{FC}cher.test"),
        ]
    )
    func theRefusalOfAFieldContainsItsName(_ name: String, _ value: String) throws {
        let refusal = try #require(HeaderField(name: name, value: value).refusal)
        #expect(refusal.contains("'\(name)'"))
        #expect(!refusal.contains("\n"))
    }

    @Test func theRefusalOfALoginForAProxyNamesTheOptionAndShowsNoPassword() throws {
        let refusal = try #require(HeaderField(name: "Proxy-Authorization", value: "Basic secret").refusal)
        #expect(refusal.contains("write --proxy http://user:password@host:port"))
        #expect(!refusal.contains("secret"))
    }

    /// Some of these fields come with requests that users copy from browsers.
    @Test(
        arguments: [
            ("Connection", "keep-alive"), ("connection", "Close"), ("Connection", "close, Keep-Alive"),
            ("TE", "trailers"), ("te", " Trailers "), ("Upgrade-Insecure-Requests", "1"),
            ("Host", "virtual.test"),
            ("Host", "a_b:8080"), ("Host", "[::1]:80"), ("Content-Type", "text/plain"), ("X_Y", "z"),
            ("Expect", ""),
            ("Trailer", "X"),
        ]
    )
    func harmlessFieldsAreNotRefused(_ name: String, _ value: String) {
        #expect(HeaderField(name: name, value: value).refusal == nil)
    }
}
