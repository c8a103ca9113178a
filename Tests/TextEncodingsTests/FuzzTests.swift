// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import SimulationSupport
import TestThreads
import Testing
import TextEncodings

/// Tests decoders with random bytes, and the choice of an encoding with random and long pages.
@Suite(.ownThread)
struct FuzzTests {
    @Test(arguments: TextEncoding.allCases)
    func anyBytesBecomeValidText(encoding: TextEncoding) {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<400 {
            let bytes = Self.bytes(&generator)
            let text = encoding.decode(bytes)
            #expect(String(validating: text, as: UTF8.self) != nil, "\(bytes)")
            #expect(text.count <= 3 * bytes.count, "\(bytes)")
        }
    }

    @Test(arguments: TextEncoding.allCases.filter(\.isASCIICompatible))
    func decodingStartsAgainAfterALineEnd(encoding: TextEncoding) {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<400 {
            let (first, second) = (Self.bytes(&generator) + [0x0A], Self.bytes(&generator))
            #expect(
                encoding.decode(first + second) == encoding.decode(first) + encoding.decode(second),
                "\(first) \(second)"
            )
        }
    }

    @Test func randomMarkupHasAnEncoding() {
        var generator = SeededGenerator(seed: 9)
        let pieces = [
            "<", "meta", " ", "charset", "=", "\"", "'", ">", "<!--", "-->", "/", "<script", "</script",
            "<svg", "content=", "http-equiv=",
            "content-type", "koi8-r", ";", "<?xml", "encoding", "x", "\u{0}", "é",
        ]
        for _ in 0..<4000 {
            let page = Array((0..<generator.pick(0...30)).map { _ in generator.pick(pieces) }.joined().utf8)
            let found = PageEncoding(of: page.span, label: nil)
            #expect(String(validating: found.decode(page), as: UTF8.self) != nil)
        }
    }

    /// A page of four times the size may take eight times the time and 10 ms more; a linear reader takes four
    /// times the time.
    @Test(arguments: [
        "<", "<!--", "<a ", "<a b='", "<meta ", "<meta a='", "<meta a>", "<meta charset=x>", "<meta charset=",
        "<script>", "</script",
        "<svg>", "<?", "<meta content=charset", "charset=", "<title></title",
        "<meta http-equiv=content-type content='charset=\"x'>",
    ])
    func timeIsLinear(piece: String) {
        let short = Self.time(piece, 20_000)
        let long = Self.time(piece, 80_000)
        #expect(long < 8 * short + 0.01, "\(piece): \(short) s, \(long) s")
    }

    /// Returns the shortest of five CPU times for finding the encoding of a page, in seconds.
    ///
    /// The page repeats `piece`, and has at most `count` bytes.
    private static func time(_ piece: String, _ count: Int) -> Double {
        let page = Array(String(repeating: piece, count: count / piece.utf8.count).utf8)
        let now = { Double(threadNanoseconds()) / 1e9 }
        return (0..<5).map { _ in
            let start = now()
            _ = PageEncoding(of: page.span, label: nil)
            return now() - start
        }.min() ?? 0
    }

    private static func threadNanoseconds() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    private static func bytes(_ generator: inout SeededGenerator) -> [UInt8] {
        let some: [UInt8] = [
            0x00, 0x0A, 0x0E, 0x1B, 0x21, 0x24, 0x28, 0x30, 0x39, 0x40, 0x42, 0x49, 0x4A, 0x61, 0x7E, 0x7F,
            0x80, 0x81, 0x8E, 0x8F, 0xA1,
            0xC2, 0xD8, 0xDC, 0xE0, 0xE3, 0xED, 0xF0, 0xF4, 0xFC, 0xFE, 0xFF,
        ]
        let anyByte = generator.oneIn(2)
        return (0..<generator.pick(0...60)).map { _ in
            anyByte ? UInt8(truncatingIfNeeded: generator.next()) : generator.pick(some)
        }
    }
}
