// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

/// Tests of the grammar of JSON; the section numbers in comments are those of RFC 8259.
@Suite struct JSONGrammarTests {
    static func accepts(_ bytes: [UInt8]) -> Bool {
        (try? bytes.document()) != nil
    }

    @Test(
        arguments: [
            // §2 structure and blanks
            "{}", "[]", " { } ", "\t[\n]\r", "[1]", "[1,2]", "[ 1 , 2 ]", #"{"a":1}"#,
            #"{ "a" : 1 , "b" : 2 }"#, "[[],[{}]]",
            #"{"":""}"#, #"{"a":1,"a":2}"#, "\n\r\t 1 \n\r\t ",
            // §3 literals
            "true", "false", "null", "[true,false,null]",
            // §6 numbers
            "0", "-0", "1", "-1", "10", "1234567890123456789012345678901234567890", "0.0", "0.10", "1.5",
            "-1.5", "1e1",
            "1E1", "1e+1", "1e-1", "1.5e01", "0e0", "1e400", "-1E-400",
            // §7 strings
            #""""#, #""a""#, #""\"\\/\b\f\n\r\t""#, #""\u0000""#, #""\uabCD""#, #""\ud83d\ude00""#,
            #""\ud800""#, #""\udc00\ud800""#,
            "\"\u{7F}\"", "\"\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"", "\"\u{2028}\"", #""//""#,
        ]
    )
    func validTextsAreAccepted(_ text: String) {
        #expect(Self.accepts(Array(text.utf8)))
    }

    @Test(
        arguments: [
            "", " ", "\n",
            // structure
            "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1;2]", "[1}", "{]",
            #"{"a"}"#, #"{"a":}"#,
            #"{"a":1,}"#, #"{,"a":1}"#, #"{"a" 1}"#, #"{"a":1 "b":2}"#, #"{"a"::1}"#, #"{"a":1]"#, "{1:1}",
            "{a:1}", "{'a':1}", "{null:1}",
            #"{"a":1"#, #"{"a":"#, #"{"a""#, #"{"a":1,"#, "[{]}",
            // trailing text
            "1 2", "{}{}", "[]]", "null,", "true x", "{} //", "/**/1", "1 #", "\u{0}", "1\u{0}",
            // literals
            "t", "tru", "truE", "True", "truee", "nul", "NULL", "fals", "falze", "undefined", "NaN",
            "Infinity", "-Infinity",
            // numbers
            "-", "+1", "01", "-01", "00", "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1E-", "1e1.5", "0x1",
            "1_000", "1a", "--1", "1.2.3",
            "\u{FF11}",
            // strings
            "\"", "\"a", "'a'", #""\""#, #""\a""#, #""\x41""#, #""\'""#, #""\u""#, #""\u12""#, #""\u123""#,
            #""\u123g""#, #""\u 123""#, #""\U0041""#,
            #""\u+123""#, "\"\\\n\"", "\"a\"b\"",
            // characters that are not blanks (§2)
            "\u{B}1", "\u{C}1", "\u{A0}1", "\u{2028}1", "1\u{85}",
            // byte order mark (§8.1)
            "\u{FEFF}{}", "\u{FEFF}1",
        ]
    )
    func invalidTextsAreRefused(_ text: String) {
        #expect(!Self.accepts(Array(text.utf8)))
    }

    @Test(arguments: UInt8(0)..<0x20)
    func aControlCharacterInAStringMustBeAnEscape(_ byte: UInt8) {
        #expect(!Self.accepts([0x22, byte, 0x22]))
        #expect(!Self.accepts([0x22, 0x61, byte, 0x61, 0x22]))
        let digits = String(byte, radix: 16)
        let escape = "\"\\u" + String(repeating: "0", count: 4 - digits.count) + digits + "\""
        #expect(Self.accepts(Array(escape.utf8)))
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xC2, 0xC2],
            [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xE1, 0x80], [0xE1, 0x80, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF],
            [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80], [0xF1, 0x80, 0x80, 0x41], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]]
    )
    func invalidUTF8IsRefused(_ bytes: [UInt8]) {
        #expect(!Self.accepts([0x22] + bytes + [0x22]))
        #expect(!Self.accepts([0x22] + bytes))
        #expect(!Self.accepts(Array("{\"a".utf8) + bytes + Array("\":1}".utf8)))
        #expect(!bytes.isUTF8)
        #expect(([0x61] + bytes).firstUTF8Fault == 1)
    }

    @Test func scalarsThatTheStandardLibraryEncodesAreValid() {
        for value in stride(from: UInt32(0x80), through: 0x10FFFF, by: 7) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(String(scalar).utf8)
            guard UTF8Check.endOfScalar(at: 0, in: bytes.span) == bytes.count else {
                Issue.record("U+\(String(value, radix: 16)) is refused")
                return
            }
        }
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func atMost512BracketsMayNest(open: String, close: String) {
        func nested(_ depth: Int) -> [UInt8] {
            let inner = open == "[" ? "" : "1"
            return Array(
                (String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)).utf8
            )
        }
        #expect(Self.accepts(nested(512)))
        #expect(!Self.accepts(nested(513)))
        #expect(!Self.accepts(Array(String(repeating: open, count: 1_000_000).utf8)))
    }

    @Test func anEnteredObjectAllowsTheSameDepthAsADocument() {
        func reads(_ depth: Int) -> Bool {
            let inner = String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1)
            let line = Array((#"{"t":"x","y":"# + inner + "}").utf8)
            return (try? WorkerMessage.read(line.span)) != nil
        }
        #expect(reads(512))
        #expect(!reads(513))
    }

    @Test func anErrorContainsTheReasonAndThePosition() {
        let bytes = Array(#"{"a" 1}"#.utf8)
        #expect(throws: JSONSyntaxError("expected ':' after a name", at: 5)) {
            try bytes.document()
        }
    }

    @Test func aDocumentMustFillItsRangeOfTheBuffer() throws {
        let bytes = Array("x[1]]".utf8)
        #expect(try bytes.document(1..<4).range == 1..<4)
        #expect(throws: JSONSyntaxError.self) { try bytes.document(1..<5) }
        #expect(throws: JSONSyntaxError.self) { try bytes.document(1..<3) }
    }
}
