// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@Suite struct SingleLineTests {
    /// Texts with line breaks other than line feeds, and the same values without these line breaks.
    private static let broken = [
        ("[\r1,\r\n2\r]", "[ 1, \n2 ]"), ("{\"a\":\"x\u{2028}y\"}", #"{"a":"x\u2028y"}"#),
        ("[\"\u{2029}\",\"\u{85}\"]", #"["\u2029","\u0085"]"#), ("[\"é\u{2028}ü\"]\r", #"["é\u2028ü"] "#),
    ]

    @Test(arguments: broken)
    func lineBreaksBecomeBlanksAndEscapes(of text: String, is expected: String) {
        let bytes = Array(text.utf8)
        #expect(bytes.singleLine.text == expected)
        #expect(needsCopy(bytes) && !needsCopy(Array(expected.utf8)))
    }

    @Test(arguments: broken)
    func theReaderReportsLineBreaks(_ text: String, _: String) throws {
        let line = Array(#"{"t":"result","seq":1,"result":\#(text)}"#.utf8)
        #expect(try read(line).needsCopy)
        #expect(try !read(line.singleLine).needsCopy)
    }

    @Test func lineFeedsAndCharactersThatBreakNoLineAreKept() throws {
        let text = "[ 1,\t\"é\u{2027}\u{202A}\u{A0}\u{84}\u{3000}\u{E0A8}😀\"\n]"
        #expect(!needsCopy(Array(text.utf8)))
        #expect(try !read(Array(#"{"seq":1,"result":\#(text)}"#.utf8)).needsCopy)
        #expect(Array(text.utf8).singleLine.text == text)
    }

    @Test func aWrittenStringContainsNoLineBreaks() {
        var writer = JSONWriter()
        writer.string("a\u{2028}b\u{2029}\u{85}é\r\u{B}\u{C}")
        #expect(writer.bytes.text == #""a\u2028b\u2029\u0085é\r\u000b\u000c""#)
    }

    private func needsCopy(_ bytes: [UInt8]) -> Bool { SingleLine.isNeeded(for: bytes.span) }

    private func read(_ line: [UInt8]) throws -> ResultMessage {
        guard case .result(let message) = try WorkerMessage.read(line.span) else {
            throw JSONSyntaxError("no result", at: 0)
        }
        return message
    }
}
