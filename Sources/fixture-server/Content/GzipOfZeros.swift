// SPDX-License-Identifier: MIT
// fetchpool

/// Zeros by the mebibyte as gzip, made while it is sent: 158 zeros for each byte.
///
/// One deflate block with the fixed codes (RFC 1951, 3.2.6): a literal 0, then matches of the greatest length, 258, at
/// distance 1. Such a match has 13 bits, so eight of them have 13 bytes, and the same 13 bytes can be repeated wherever
/// in a byte they begin.
struct GzipOfZeros {
    private static let matchLength = 258
    private static let unitZeros = 8 * matchLength
    private static let unitsPerPiece = 4096

    private let count: Int
    private var unitsLeft: Int
    private var bits = BitWriter()
    private var hasBegun = false

    init(count: Int) {
        self.count = count
        unitsLeft = max(0, count - 1) / Self.unitZeros
    }

    /// Adds the next 52 KiB or less; false when that was the end.
    mutating func appendNext(to output: inout [UInt8]) -> Bool {
        if !hasBegun {
            hasBegun = true
            output += Gzip.header
            // The last block (1), with fixed codes (01).
            bits.write(0b011, count: 3)
            if count > 0 { appendLiteral() }
        }
        let units = min(unitsLeft, Self.unitsPerPiece)
        appendUnits(units)
        unitsLeft -= units
        if unitsLeft == 0 { appendTail() }
        output += bits.takeBytes()
        if unitsLeft == 0 { Gzip.appendTrailer(crc: CRC32.ofZeros(count), count: count, to: &output) }
        return unitsLeft > 0
    }

    private mutating func appendUnits(_ units: Int) {
        guard units > 0 else { return }
        let before = bits.bytes.count
        for _ in 0..<8 { appendMatch() }
        let unit = Array(bits.bytes[before...])
        // The bits left over are the end of a match, as they were before it: all units have the same bytes.
        for _ in 1..<units { bits.append(unit) }
    }

    private mutating func appendTail() {
        let left = max(0, count - 1) % Self.unitZeros
        for _ in 0..<(left / Self.matchLength) { appendMatch() }
        for _ in 0..<(left % Self.matchLength) { appendLiteral() }
        // The end of the block is code 256: seven zero bits.
        bits.write(0, count: 7)
        bits.fillByte()
    }

    /// Literal 0: the code 00110000, first bit first.
    private mutating func appendLiteral() { bits.write(0b0000_1100, count: 8) }

    /// Length 258 is code 285, 11000101; distance 1 is code 0, 00000.
    ///
    /// First bit first.
    private mutating func appendMatch() { bits.write(0b00000_1010_0011, count: 13) }
}
