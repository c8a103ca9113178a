// SPDX-License-Identifier: MIT
// fetchpool

import ResponseProcessors
import Testing

struct JSONProcessorTests {
    private func json(_ body: String) throws -> String {
        try result(.json, FetchedResponse(url: "http://h.test/", body: Array(body.utf8)))
    }

    @Test(arguments: [
        ("{\n  \"a\": [1, 2]\r\n}", "object", #"{"a":[1,2]}"#), ("[ ]", "array", "[]"),
        (" \"a b\" ", "string", "\"a b\""),
        ("-1.5e3", "number", "-1.5e3"), ("true", "boolean", "true"), ("null", "null", "null"),
    ])
    func validBodiesAreCopiedOnOneLine(body: String, type: String, value: String) throws {
        #expect(
            try json(body)
                == #"{"valid":true,"type":"\#(type)","bytes":\#(body.utf8.count),"value":\#(value)}"#
        )
    }

    @Test func aByteOrderMarkIsSkippedButCounted() throws {
        #expect(try json("\u{FEFF}[1]") == #"{"valid":true,"type":"array","bytes":6,"value":[1]}"#)
        #expect(
            try json("\u{FEFF}[1") == #"{"valid":false,"error":"the text ends inside brackets at byte 5"}"#
        )
    }

    @Test(arguments: [
        (#"{"a":tru}"#, "expected a value at byte 5"),
        ("", "the text ends where a value should be at byte 0"),
        ("[1] x", "unexpected text after the value at byte 4"),
    ])
    func invalidBodiesAreResultsWithThePosition(body: String, error: String) throws {
        #expect(try json(body) == #"{"valid":false,"error":"\#(error)"}"#)
    }

    @Test func bigValuesAreNotCopied() throws {
        let fits = "\"" + String(repeating: "x", count: 65_534) + "\""
        #expect(try json(fits + "   ").contains(#""value":"x"#))
        #expect(try json("[\(fits)]") == #"{"valid":true,"type":"array","bytes":65538}"#)
    }

    @Test func valuesTooDeepForALineAreNotCopied() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try json(nested(500)).contains("value"))
        #expect(try json(nested(501)) == #"{"valid":true,"type":"array","bytes":1002}"#)
        #expect(try json(nested(513)).contains(#""valid":false"#))
    }
}
