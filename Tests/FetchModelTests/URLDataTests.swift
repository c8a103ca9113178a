// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@Suite struct URLDataTests {
    private static func read(_ text: String) throws(URLRefusal) -> DataURL {
        try DataURL(reading: Array(text.utf8).span)
    }

    @Test(arguments: [
        ("data:,x", "text/plain;charset=US-ASCII", "x"),
        ("data:,", "text/plain;charset=US-ASCII", ""),
        ("data:;charset=utf-8,%C3%A9", "text/plain;charset=utf-8", "é"),
        ("data:text/html,<b>é</b>,#x", "text/html", "<b>é</b>,"),
        ("data:text/html;Charset=\"UTF-8\";base64,aGk=", "text/html;Charset=\"UTF-8\"", "hi"),
        ("data:;BASE64,aGk", "text/plain;charset=US-ASCII", "hi"),
        ("data:a/b;base64,aGk%3D", "a/b", "hi"),
        ("data:image/svg+xml;utf8,<svg/>", "image/svg+xml;utf8", "<svg/>"),
        ("data:text/plain,base64,x", "text/plain", "base64,x"), ("data:a/b;base64,", "a/b", ""),
        ("data:,a b%4", "text/plain;charset=US-ASCII", "a b%4"), ("data:a/b; base64 ,a G%0Ak", "a/b", "hi"),
    ])
    func aDataURLHasATypeAndABody(text: String, type: String, body: String) throws {
        let url = try Self.read(text)
        #expect(url.mediaType == type)
        #expect(url.body == Array(body.utf8))
    }

    @Test(arguments: [
        ("data:x", URLRefusal.missingComma), ("data:", .missingComma), ("data:;base64,a", .badBase64),
        ("data:;base64,a-_a", .badBase64), ("data:;base64,aGk==", .badBase64),
        ("data:;base64,a=Gk", .badBase64),
        ("data:;base64,aG!k", .badBase64), ("data:foo,x", .badMediaType("foo")),
        ("data:a/,x", .badMediaType("a/")), ("data:/a,x", .dataWithPath),
        ("data:a//b,x", .badMediaType("a//b")), ("data:a/b/c,x", .badMediaType("a/b/c")),
        ("data:a/b;c=%0D%0Ad,x", .badMediaType("a/b;c=??d")), ("http://a/", .notDataURL),
    ])
    func anInvalidDataURLIsRefusedWithItsReason(text: String, expected: URLRefusal) {
        #expect(throws: expected) { try Self.read(text) }
    }

    @Test func eachAcceptedDataURLCanBeDecoded() throws {
        var generator = SeededGenerator(state: 7)
        let seeds = [
            "data:text/html;charset=utf-8;base64,aGVsbG8=", "data:,x", "data:a/b;c=d,e%20f",
            "data:;base64,AAAA",
        ]
        var accepted = 0
        for round in 0..<20_000 {
            let bytes = generator.mutated(seeds[round % seeds.count])
            guard let url = try? TargetURL(reading: bytes.span), url.scheme == .data else { continue }
            accepted += 1
            _ = try DataURL(of: url)
        }
        #expect(accepted > 2_000)
    }
}
