// SPDX-License-Identifier: MIT
// fetchpool

/// The parts of the gzip format (RFC 1952) that the fixture needs, without compression.
enum Gzip {
    /// A member header: deflate, no name, no time, unknown system.
    static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    /// Returns a gzip stream with `content` in one stored block; `content` has at most 65,535 bytes.
    static func stored(_ content: [UInt8]) -> [UInt8] {
        precondition(content.count <= 65_535, "a stored block holds at most 65,535 bytes")
        let length = UInt16(content.count)
        var output = header + [1]
        for value in [length, ~length] { output += [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)] }
        output += content
        appendTrailer(crc: CRC32.of(content), count: content.count, to: &output)
        return output
    }

    /// Appends the trailer: the checksum, and the length modulo 2³², both little-endian.
    static func appendTrailer(crc: UInt32, count: Int, to output: inout [UInt8]) {
        for value in [crc, UInt32(truncatingIfNeeded: count)] {
            for shift in [0, 8, 16, 24] { output.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
        }
    }
}
