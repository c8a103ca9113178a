// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import PoolWire
import SimulationSupport
import Testing

@Suite struct JSONWriterTests {
    private static func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return writer.bytes.text
    }

    @Test func foundationReadsTheStringsThatTheWriterWrites() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<5_000 {
            let isText = Bool.random(using: &random)
            let bytes = (0..<Int.random(in: 0...12, using: &random)).flatMap { _ in
                isText
                    ? Array(String(RandomJSON.scalar(using: &random)).utf8)
                    : [UInt8.random(in: 0...255, using: &random)]
            }
            var writer = JSONWriter()
            writer.string(bytes.span)
            let object = try JSONSerialization.jsonObject(
                with: Data(writer.bytes),
                options: .fragmentsAllowed
            )
            let text = try #require(object as? String)
            if bytes.isUTF8 {
                #expect(Array(text.utf8) == bytes)
            } else {
                #expect(text.unicodeScalars.contains("\u{FFFD}"))
            }
        }
    }

    @Test func eachInvalidByteBecomesOneReplacementCharacter() {
        let bytes: [UInt8] = [0x61, 0xFF, 0xC2, 0x62, 0xED, 0xA0, 0x80]
        #expect(Self.written { $0.string(bytes.span) } == "\"a\u{FFFD}\u{FFFD}b\u{FFFD}\u{FFFD}\u{FFFD}\"")
    }

    @Test func theWriterUsesShortEscapesWhereTheyExist() {
        #expect(
            Self.written { $0.string("\"\\\n\r\t\u{0}\u{1F}\u{7F}/é") }
                == #""\"\\\n\r\t\u0000\u001f\u007f/é""#
        )
    }

    /// Records may be shown on a terminal.
    @Test func charactersThatControlATerminalOrTheOrderOfTextAreEscaped() {
        for scalar in (0x7F...0x20FF).compactMap(Unicode.Scalar.init) {
            let isEscaped =
                switch scalar.value {
                case 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
                default: false
                }
            let digits = String(scalar.value, radix: 16)
            let expected = isEscaped ? "\\u" + "0".repeated(4 - digits.count) + digits : String(scalar)
            #expect(Self.written { $0.string("a\(scalar)é") } == "\"a\(expected)é\"")
        }
    }

    @Test func integersOfAnyWidthAreWritten() {
        #expect(Self.written { $0.integer(Int.min) } == "-9223372036854775808")
        #expect(Self.written { $0.integer(UInt64.max) } == "18446744073709551615")
        #expect(Self.written { $0.integer(0) } == "0")
        #expect(Self.written { $0.integer(Int8(-128)) } == "-128")
        #expect(Self.written { $0.integer(UInt8(255)) } == "255")
    }

    @Test func integersOfAnyLengthAreWrittenAsInTheStandardLibrary() {
        var random = SeededGenerator(seed: 20)
        for _ in 0..<20_000 {
            let number = Int(truncatingIfNeeded: random.next()) >> Int.random(in: 0..<64, using: &random)
            guard Self.written({ $0.integer(number) }) != String(number) else { continue }
            Issue.record("\(number)")
            return
        }
        var power = 1
        while power < Int.max / 10 {
            for number in [power - 1, power, power + 1, -power] {
                #expect(Self.written { $0.integer(number) } == String(number))
            }
            power *= 10
        }
    }

    @Test(arguments: 0..<20)
    func aByteThatNeedsAnEscapeIsFoundAtAnyPosition(length: Int) {
        for place in 0..<length {
            for (unusual, escaped) in [
                ("\"", "\\\""), ("\\", "\\\\"), ("\u{1F}", "\\u001f"), ("\u{7F}", "\\u007f"), ("é", "é"),
            ] {
                let (before, after) = ("x".repeated(place), "~".repeated(length - place))
                #expect(
                    Self.written { $0.string(before + unusual + after) } == "\"" + before + escaped + after
                        + "\""
                )
            }
        }
        let plain = "\u{7E}".repeated(length)
        #expect(Self.written { $0.string(plain) } == "\"" + plain + "\"")
    }

    @Test(
        arguments: [
            (0, "0"), (1, "0.001"), (10, "0.01"), (100, "0.1"), (999, "0.999"), (1_000, "1"), (1_050, "1.05"),
            (12_340, "12.34"), (-5, "0"),
            (Int.max, "9223372036854775.807"),
        ]
    )
    func durationsHaveUpToThreeDecimals(thousandths: Int, expected: String) {
        #expect(Self.written { $0.milliseconds(fromMicroseconds: thousandths) } == expected)
        #expect(Self.written { $0.seconds(fromMilliseconds: thousandths) } == expected)
    }

    @Test func commasSeparateValuesAndRawMembersWithinALine() {
        let text = Self.written { writer in
            for _ in 0..<2 {
                writer.beginObject()
                writer.raw(Array(#""r":1 "#.utf8))
                writer.raw([])
                writer.name("a")
                writer.beginArray()
                writer.bool(true)
                writer.raw(Array("[]".utf8))
                writer.beginObject()
                writer.endObject()
                writer.endArray()
                writer.name(text: "b\"")
                writer.string("{")
                writer.raw(Array(#""s":2"#.utf8))
                writer.endObject()
                writer.endLine()
            }
        }
        let line = #"{"r":1 ,"a":[true,[],{}],"b\"":"{","s":2}"# + "\n"
        #expect(text == line + line)
    }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
