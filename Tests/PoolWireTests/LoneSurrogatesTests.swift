// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@Suite struct LoneSurrogatesTests {
    @Test(arguments: [
        (#""\ud800""#, #""\ufffd""#), (#""\uDFFFx\ud83d\ude00\ud83d""#, #""\ufffdx\ud83d\ude00\ufffd""#),
        (#"{"\udc00\ud800":["\\ud800\ud800\u0041"]}"#, #"{"\ufffd\ufffd":["\\ud800\ufffd\u0041"]}"#),
        (#""\ud800\ud800\udc00""#, #""\ufffd\ud800\udc00""#), (#""\ud800\n\udc00""#, #""\ufffd\n\ufffd""#),
    ])
    func escapesOfHalfAPairAreReplaced(json: String, expected: String) {
        #expect(replaced(json) == expected)
        #expect(replaced(expected) == nil)
    }

    @Test(arguments: ["", "\"", #""\\ud800""#, #""\ud83d\ude00 😀""#, #"[1,"\u2028\"\\"]"#, #""\\\\""#])
    func textsWithoutHalfASurrogatePairStay(json: String) {
        #expect(replaced(json) == nil)
    }

    @Test func mendedTextHasAReplacementInPlaceOfHalfAPair() throws {
        let line = Array(#"{"message":"a\n\ud83d b \ud83d\ude00 \udc00"}"#.utf8)
        let whole = JSONValue(kind: .object, range: 0..<line.count)
        let value = try #require(try line.span.member("message", of: whole))
        #expect(line.span.text(of: value) == nil)
        #expect(line.span.mendedText(of: value) == Array("a\n\u{FFFD} b 😀 \u{FFFD}".utf8))
        #expect(line.span.mendedText(of: whole) == nil)
    }

    private func replaced(_ json: String) -> String? {
        let bytes = Array(json.utf8)
        return LoneSurrogates.replaced(in: bytes.span).map { String(decoding: $0, as: UTF8.self) }
    }
}
