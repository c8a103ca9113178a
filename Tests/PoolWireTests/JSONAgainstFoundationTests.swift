// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import PoolWire
import SimulationSupport
import TestThreads
import Testing

@Suite struct JSONAgainstFoundationTests {
    @Test(.ownThread)
    func theReaderAndFoundationAcceptTheSameDamagedDocumentsExceptForKnownDeviations() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        for _ in 0..<100_000 {
            let text = Array(RandomJSON.value(depth: 3, using: &random).utf8)
            let bytes = RandomJSON.spoilt(text, using: &random)
            let ours = JSONGrammarTests.accepts(bytes)
            accepted += ours ? 1 : 0
            guard Self.foundationAccepts(bytes) != ours, !Self.mayDiffer(bytes, ours) else { continue }
            Issue.record(
                "seed \(seed): ours \(ours) on \(String(reflecting: String(decoding: bytes, as: UTF8.self))) \(bytes)"
            )
            return
        }
        #expect(accepted > 1_000 && accepted < 99_000, "seed \(seed)")
    }

    private static func foundationAccepts(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
    }

    /// Returns `true` if Foundation is known to deviate from RFC 8259 for these bytes; `ours` is true if our
    /// reader accepts the bytes.
    private static func mayDiffer(_ bytes: [UInt8], _ ours: Bool) -> Bool {
        if ours {
            // The grammar (§7) allows half a surrogate pair, but Foundation's strings cannot contain it. The
            // grammar (§6) has no limit for numbers, but Foundation refuses numbers outside of the range of
            // `Double`.
            return holdsHalfPair(bytes) || holdsHugeNumber(bytes)
        }
        // Foundation sometimes reads a text with a NUL in its first four bytes as UTF-16 or UTF-32
        // (RFC 4627 §3).
        if bytes.prefix(4).contains(0) { return true }
        // Foundation accepts one comma before a closing bracket.
        let mended = withoutLastCommas(bytes)
        return mended != bytes && JSONGrammarTests.accepts(mended)
    }

    private static func holdsHugeNumber(_ bytes: [UInt8]) -> Bool {
        let tokens = bytes.split { !"0123456789+-.eE".utf8.contains($0) }
        return tokens.contains { Double(Array($0).text)?.isInfinite ?? false }
    }

    /// Returns `bytes` without the last comma before each closing bracket.
    ///
    /// A comma is removed only if it is outside of strings, and only blanks are between the comma and the
    /// bracket.
    private static func withoutLastCommas(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var comma: Int?
        var isInString = false
        var isEscape = false
        for byte in bytes {
            if isInString {
                isInString = isEscape || byte != UInt8(ascii: "\"")
                isEscape = !isEscape && byte == UInt8(ascii: "\\")
            } else if byte == UInt8(ascii: ",") {
                comma = result.count
            } else if let last = comma, byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                result.remove(at: last)
                comma = nil
            } else if ![0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                comma = nil
                isInString = byte == UInt8(ascii: "\"")
            }
            result.append(byte)
        }
        return result
    }

    /// Returns `true` if a valid text contains an escaped surrogate without the other half of its pair.
    private static func holdsHalfPair(_ bytes: [UInt8]) -> Bool {
        var position = 0
        var hasOpenHigh = false
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "\\") else {
                if hasOpenHigh { return true }
                position += 1
                continue
            }
            var code: UInt16 = 0
            if bytes[position + 1] == UInt8(ascii: "u") {
                code = UInt16(Array(bytes[position + 2..<position + 6]).text, radix: 16) ?? 0
                position += 6
            } else {
                position += 2
            }
            let isLow = code & 0xFC00 == 0xDC00
            if isLow != hasOpenHigh { return true }
            hasOpenHigh = code & 0xFC00 == 0xD800
        }
        return false
    }

    @Test func theReaderAndFoundationReadTheSameTextsFromRandomStrings() throws {
        var random = SeededGenerator(seed: 20_260)
        for _ in 0..<5_000 {
            let bytes = Array(RandomJSON.string(using: &random).utf8)
            let value = try bytes.document()
            let object = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            let text = try #require(object as? String)
            #expect(bytes.text(of: value) == Array(text.utf8))
        }
    }
}
