// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import SimulationSupport
import TestThreads
import Testing

@Suite struct LineFramerTests {
    /// Returns all lines of a stream that arrives in `chunks`, as text; `nil` for a line that is too long.
    static func lines(_ chunks: [[UInt8]], limit: Int) -> [String?] {
        var framer = LineFramer(maxLineBytes: limit)
        var result: [String?] = []
        func take(_ line: LineFramer.Line) {
            switch line {
            case .whole(let range): result.append(Array(framer.bytes[range]).text)
            case .tooLong: result.append(nil)
            }
        }
        for chunk in chunks {
            framer.append(chunk)
            while let line = framer.next() { take(line) }
        }
        if let line = framer.finish() { take(line) }
        return result
    }

    private static func naive(_ stream: [UInt8], limit: Int) -> [String?] {
        var parts = stream.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        if parts.last == [] { parts.removeLast() }
        return parts.map { part in
            let line = part.last == 0x0D ? Array(part.dropLast()) : part
            return line.count <= limit ? line.text : nil
        }
    }

    /// Otherwise one read of a file could bring 16 MiB of short lines at once.
    @Test func aReadAfterALongLineIsAsSmallAsItsRoom() {
        var framer = LineFramer(maxLineBytes: 2 << 20)
        framer.append([UInt8](repeating: 0x78, count: 1 << 20) + [0x0A])
        while framer.next() != nil {}
        var room = 0
        unsafe _ = framer.fill(room: 4_096) { memory in
            room = memory.count
            return 0
        }
        #expect(room == 4_096)
    }

    @Test func theMemoryOfALongLineIsFreedOnceNoLineIsIncomplete() {
        var framer = LineFramer(maxLineBytes: 4 << 20)
        framer.append([UInt8](repeating: 0x78, count: 3 << 20) + [0x0A, 0x61])
        while framer.next() != nil {}
        framer.shrink()
        #expect(framer.bytes.count > 3 << 20, "the line 'a' is incomplete")
        framer.append([0x0A])
        #expect(
            framer.next().map { line in if case .whole(let range) = line { range.count } else { 0 } } == 1
        )
        framer.shrink()
        #expect(framer.bytes.isEmpty)
        framer.append(Array("b\n".utf8))
        #expect(framer.next() == .whole(0..<1))
    }

    @Test func aStreamInAnyPiecesGivesTheSameLines() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<3_000 {
            let stream = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                [0x61, 0x62, 0x0A, 0x0D, 0x63].randomElement(using: &random) ?? UInt8(0x61)
            }
            var chunks: [[UInt8]] = []
            var rest = stream[...]
            while !rest.isEmpty {
                chunks.append(Array(rest.prefix(Int.random(in: 0...9, using: &random))))
                rest = rest.dropFirst(chunks.last?.count ?? 0)
            }
            let limit = Int.random(in: 0...8, using: &random)
            guard Self.lines(chunks, limit: limit) != Self.naive(stream, limit: limit) else { continue }
            Issue.record("seed \(seed): \(chunks) at limit \(limit)")
            return
        }
    }

    @Test(
        arguments: [
            ("aaaa\n", ["aaaa"]), ("aaaa\r\n", ["aaaa"]), ("aaaaa\n", [nil]), ("aaaaa\r\n", [nil]),
            ("aaaa\r\r\n", [nil]), ("aaaa", ["aaaa"]), ("aaaa\r", ["aaaa"]), ("aaaaa", [nil]),
            ("aaaaa\r", [nil]),
            ("aaaaaaaa\nb\n", [nil, "b"]), ("aaaaaaaa", [nil]), ("\n\r\n\n", ["", "", ""]), ("", []),
            ("a\r\r\n", ["a\r"]),
        ] as [(String, [String?])]
    )
    func theLimitDoesNotCountTheCarriageReturnAtTheEndOfALine(stream: String, expected: [String?]) {
        #expect(Self.lines([Array(stream.utf8)], limit: 4) == expected)
        #expect(Self.lines(stream.utf8.map { [$0] }, limit: 4) == expected)
    }

    @Test func aLineThatIsTooLongIsReportedOnceInLittleMemory() {
        var framer = LineFramer(maxLineBytes: 1_000)
        var said = 0
        for _ in 0..<10_000 {
            framer.append([UInt8](repeating: 0x61, count: 1_000))
            while let line = framer.next() {
                said += 1
                guard case .tooLong(let range) = line else { continue }
                #expect(range.count == 200)
            }
        }
        #expect(said == 1)
        #expect(framer.bytes.capacity < 16_000)
        framer.append(Array("a\nb\n".utf8))
        guard case .whole(let range)? = framer.next() else {
            Issue.record("the line after the long line is lost")
            return
        }
        #expect(Array(framer.bytes[range]).text == "b")
        #expect(framer.pendingBytes == 0)
    }

    @Test func theSkippedBytesOfALineAreCounted() {
        var framer = LineFramer(maxLineBytes: 10)
        func add(_ text: String) -> Bool {
            framer.append(Array(text.utf8))
            while framer.next() != nil {}
            return framer.takeSkipped(8)
        }
        #expect(!add("a line of more than ten bytes"))
        #expect(!add("1234567"))
        #expect(add("8"))
        #expect(!add("1234567"))
        #expect(!add("8\n12345678"))
        #expect(!add("a line of more than ten bytes"))
        framer.spareSkipped(10)
        #expect(!add("1234567890"))
        #expect(!add("1234567"))
        #expect(add("8"))
        #expect(!add("\na line of more than ten bytes"))
        #expect(add("12345678"))
    }

    @Test func theMemoryStaysBoundedForALongStream() {
        var framer = LineFramer(maxLineBytes: 1 << 16)
        let piece =
            Array(repeating: Array("0123456789abcde\n".utf8), count: 100).flatMap(\.self) + Array("torn".utf8)
        var count = 0
        for _ in 0..<2_000 {
            let filled = unsafe framer.fill(room: 4_096) { room in
                unsafe room.copyBytes(from: piece)
                return piece.count
            }
            #expect(filled == piece.count)
            while framer.next() != nil { count += 1 }
        }
        #expect(count == 200_000)
        #expect(framer.pendingBytes == 4)
        #expect(framer.bytes.capacity <= 32_768)
    }

    @Test(.ownThread)
    func aLineOf16MiBInPiecesOf64KiBIsRead() {
        var framer = LineFramer(maxLineBytes: WireLimits.maxWorkerLineBytes)
        let piece = [UInt8](repeating: 0x61, count: 64 << 10)
        for _ in 0..<256 {
            framer.append(piece)
            #expect(framer.next() == nil)
        }
        framer.append([0x0A])
        #expect(framer.next() == .whole(0..<16 << 20))
        #expect(framer.bytes.capacity <= 64 << 20)
    }
}
