// SPDX-License-Identifier: MIT
// fetchpool

/// Compressed forms of bytes, made without a library.
package enum Compressed {
    /// Returns a gzip member (RFC 1952) with stored blocks.
    package static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(60_000)
            rest = rest.dropFirst(60_000)
            member += [rest.isEmpty ? 1 : 0] + little(block.count, 2) + little(~block.count, 2) + block
        } while !rest.isEmpty
        return member + little(Int(checksum(bytes)), 4) + little(bytes.count, 4)
    }

    /// Returns a zstd frame (RFC 8878) with raw blocks, without a checksum.
    package static func zstd(_ bytes: [UInt8]) -> [UInt8] {
        var frame = zstdHeader
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(100_000)
            rest = rest.dropFirst(100_000)
            frame += little(block.count << 3 | (rest.isEmpty ? 1 : 0), 3) + block
        } while !rest.isEmpty
        return frame
    }

    /// Returns a zstd frame (RFC 8878) that decompresses to `blocks` times 100,000 bytes, each equal to
    /// `byte`.
    ///
    /// `blocks` is at least 1.
    package static func zstdBomb(_ byte: UInt8, blocks: Int) -> [UInt8] {
        var frame = zstdHeader
        for number in 1...blocks {
            frame += little(100_000 << 3 | 2 | (number == blocks ? 1 : 0), 3) + [byte]
        }
        return frame
    }

    /// The magic number, no options, and a window of 128 KiB.
    private static let zstdHeader: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0, 7 << 3]

    private static func little(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// Returns the CRC-32 of bytes (RFC 1952 §8).
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = ~UInt32(0)
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~sum
    }
}
