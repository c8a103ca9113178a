// SPDX-License-Identifier: MIT
// fetchpool

import PoolCoding
import Testing

/// Tests of the encoding and decoding of values as JSON.
@Suite struct JSONCodingTests {
    private func encode<Value: Encodable & Sendable>(_ value: Value) throws -> String {
        var text: [UInt8] = []
        try JSONCoding.encoder(of: Value.self)(value, &text)
        return String(decoding: text, as: UTF8.self)
    }

    private func decode<Value: Decodable & Sendable>(_ text: String, as type: Value.Type) throws -> Value {
        let bytes = Array(text.utf8)
        return try JSONCoding.decoder(of: type)(bytes.span)
    }

    @Test(arguments: [
        0, 7, 10, -1, 1_234_567_890, .max, .min, 999_999_999_999_999_999, 1_000_000_000_000_000_000,
    ])
    func integersStayExact(number: Int) throws {
        #expect(try encode(number) == "\(number)")
        #expect(try decode("\(number)", as: Int.self) == number)
    }

    @Test(arguments: ["", "-", "01", "1a", "1.5", "\"1\"", "null", "[1]"])
    func textsThatAreNoJSONIntegersAreRefused(text: String) {
        #expect(throws: (any Error).self) { try decode(text, as: Int.self) }
    }

    @Test(arguments: [0.1, -0.0, 1e300, 1e21, 123_456_789.125])
    func numbersStayExact(number: Double) throws {
        #expect(try decode(encode(number), as: Double.self).bitPattern == number.bitPattern)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func numbersThatAreNotFiniteAreRefused(number: Double) {
        #expect(throws: (any Error).self) { try encode(number) }
        #expect(throws: (any Error).self) { try encode([number]) }
    }

    @Test(arguments: ["", "plain", "\"\\/\u{8}\u{c}\n\r\t\u{1}", "é😀\u{2028}\u{85}", "\u{7f}"])
    func textsStayTheSameOnOneLine(text: String) throws {
        let json = try encode(text)
        #expect(!json.utf8.contains(UInt8(ascii: "\n")))
        #expect(try decode(json, as: String.self) == text)
        #expect(try decode(encode([text: [text]]), as: [String: [String]].self) == [text: [text]])
    }

    @Test func characterAtWhichSomeReadersEndALineIsEscapedInAnyValue() throws {
        struct Page: Encodable, Sendable { let title: String }
        let (text, json) = ("é\u{85}\u{2028}\u{2029}😀", #""é\u0085\u2028\u2029😀""#)
        #expect(try encode(text) == json)
        #expect(try encode([text]) == "[\(json)]")
        #expect(try encode([text: 1]) == "{\(json):1}")
        #expect(try encode(Page(title: text)) == #"{"title":\#(json)}"#)
        var texts = Array("before\u{2028}".utf8)
        try JSONCoding.encoder(of: Page.self)(Page(title: text), &texts)
        #expect(String(decoding: texts, as: UTF8.self) == "before\u{2028}" + #"{"title":\#(json)}"#)
    }

    @Test func booleansOptionalsAndUInt8AreCoded() throws {
        #expect(try encode(true) == "true")
        #expect(try decode("false", as: Bool.self) == false)
        #expect(try encode(Int?.none) == "null")
        #expect(try decode("null", as: Int?.self) == nil)
        #expect(try decode("5", as: Int?.self) == 5)
        #expect(try decode("200", as: UInt8.self) == 200)
        #expect(throws: (any Error).self) { try decode("300", as: UInt8.self) }
    }

    @Test func valuesNestAtMost500Deep() throws {
        struct Nest: Encodable, Sendable {
            let levels: Int

            func encode(to encoder: any Encoder) throws {
                var container = encoder.unkeyedContainer()
                if levels > 1 { try container.encode(Nest(levels: levels - 1)) }
            }
        }
        #expect(try encode(Nest(levels: 500)).utf8.count == 1_000)
        for levels in [501, 511, 512, 600] {
            #expect(throws: UnusableJSON.self) { try encode(Nest(levels: levels)) }
        }
        // Brackets in a text are not levels. Several elements of an array are one level.
        let texts = [[String]](repeating: [#"[[{""#, "]"], count: 600)
        #expect(try decode(encode(texts), as: [[String]].self) == texts)
    }

    @Test func rawTextLosesTheBlanksOutsideOfStringsOrIsRefused() throws {
        let line = try JSONCoding.oneLine(Array(" { \"a b\" : [ 1,\n 2 ] } ".utf8))
        #expect(String(decoding: line, as: UTF8.self) == "{\"a b\":[1,2]}")
        for text in [
            "", "[", "1 2", "nul", String(repeating: "[", count: 600) + String(repeating: "]", count: 600),
        ] {
            #expect(throws: UnusableJSON.self) { try JSONCoding.oneLine(Array(text.utf8)) }
        }
    }
}
