// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension Span<UInt8> {
    /// Returns true if `text` stands at `position`.
    func starts(with text: StaticString, at position: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        return count - position >= length && holds(text, at: position..<position + length)
    }

    /// Returns true if the bytes begin with `text`, or are the beginning of `text`.
    func starts(withPartOf text: StaticString) -> Bool {
        for index in 0..<Swift.min(count, text.utf8CodeUnitCount) {
            // A static string's pointer covers exactly its own bytes.
            let expected = unsafe text.utf8Start[index]
            if self[index] != expected { return false }
        }
        return true
    }

    /// True if the last byte is a closing brace, and there are as many opening braces as closing ones.
    var hasBalancedBraces: Bool {
        guard !isEmpty, self[count - 1] == UInt8(ascii: "}") else { return false }
        return unsafe withUnsafeBytes { bytes in
            var (balance, position) = (0, 0)
            // A word is loaded only while at least eight bytes are left.
            while position + 8 <= bytes.count {
                // The sum of the counts of 31 words is at most 248, and fits into one byte.
                let stop = Swift.min(position + 31 * 8, bytes.count - 7)
                var (opening, closing): (UInt64, UInt64) = (0, 0)
                while position < stop {
                    let word = unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                    opening &+= Self.ones(in: word, for: UInt8(ascii: "{"))
                    closing &+= Self.ones(in: word, for: UInt8(ascii: "}"))
                    position &+= 8
                }
                balance += Self.sum(of: opening) - Self.sum(of: closing)
            }
            for index in position..<bytes.count {
                let byte = unsafe bytes[index]
                balance += byte == UInt8(ascii: "{") ? 1 : byte == UInt8(ascii: "}") ? -1 : 0
            }
            return balance == 0
        }
    }

    /// Returns a word whose bytes are 1 where the bytes of `word` equal `byte`, and 0 elsewhere.
    private static func ones(in word: UInt64, for byte: UInt8) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let difference = word ^ (UInt64(byte) &* 0x0101_0101_0101_0101)
        // The sum sets the high bit of each byte whose lower seven bits in `difference` are not 0. No byte
        // carries into the next.
        return ~((difference & low) &+ low | difference | low) &>> 7
    }

    /// Returns the sum of the bytes of `word`; the sum must be below 256.
    private static func sum(of word: UInt64) -> Int {
        Int((word &* 0x0101_0101_0101_0101) &>> 56)
    }
}
