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
    func anInvalidBodyGivesAResultWithThePosition(body: String, error: String) throws {
        #expect(try json(body) == #"{"valid":false,"error":"\#(error)"}"#)
    }

    @Test func bigValuesAreNotCopied() throws {
        let fits = "\"" + String(repeating: "x", count: 65_534) + "\""
        #expect(try json(fits + "   ").contains(#""value":"x"#))
        #expect(try json("[\(fits)]") == #"{"valid":true,"type":"array","bytes":65538}"#)
    }

    /// The nesting limit keeps records readable for jq 1.6, which refuses a line with 257 levels.
    @Test func deepValuesAreNotCopied() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try json(nested(200)).contains("value"))
        #expect(try json("[\(nested(200))]") == #"{"valid":true,"type":"array","bytes":402}"#)
        let wide = repeatElement("[[]]", count: 300).joined(separator: ",")
        #expect(try json("[\(wide)]").contains("value"))
        #expect(try json(nested(512)) == #"{"valid":true,"type":"array","bytes":1024}"#)
        #expect(try json(nested(513)).contains(#""valid":false"#))
    }

    @Test(arguments: [
        String(repeating: "9", count: 60_000), "-" + String(repeating: "9", count: 4_301),
        "1" + String(repeating: "0", count: 309), "1e400", "-1E+309", "0.1e400",
        "1e" + String(repeating: "9", count: 50),
        #""\ud800""#, #""\uDBFFx""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800\n""#, #""\uD83D\\udE00""#,
        #"{"\udfff":1}"#,
    ])
    func valuesThatCommonReadersRefuseAreNotCopied(value: String) throws {
        for body in [value, "[1, \(value), 2]", "{\"a\":{\"b\":\(value)}}"] {
            let record = try json(body)
            #expect(record.hasPrefix(#"{"valid":true,"type":"#))
            #expect(record.hasSuffix(#""bytes":\#(body.utf8.count)}"#))
        }
    }

    @Test(arguments: [
        String(repeating: "9", count: 308), "-" + String(repeating: "9", count: 308),
        "1." + String(repeating: "3", count: 5_000), "1.7976931348623157e308", "-1e308", "1e-400", "-0",
        "0E99",
        "0.000001e313", "12345678901234567890123",
        #""\ud83d\ude00""#, #""\uD83D\uDE00\u00e9\u0000""#, #""\\ud800""#, #""\"\\\"""#, #""1e999 [[[""#,
        #"{"":[],"a":{"a":1}}"#,
    ])
    func valuesThatCommonReadersAcceptAreCopied(value: String) throws {
        for body in [value, "[1,\(value),2]", "{\"a\":{\"b\":\(value)}}"] {
            #expect(try json(body).hasSuffix(#""value":\#(body)}"#))
        }
    }
}
