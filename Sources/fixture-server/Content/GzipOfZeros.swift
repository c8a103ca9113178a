// SPDX-License-Identifier: MIT
// fetchpool

/// Zeros by the mebibyte as gzip, made while it is sent.
///
/// One deflate block (RFC 1951, 3.2): a literal 0, then matches of the greatest length, 258, at distance 1. Eight of
/// them have as many bytes as one has bits, so the same bytes can be repeated wherever in a byte they begin.
struct GzipOfZeros {
    /// How the block says a literal, a match and its end.
    struct Code {
        /// A value and how many bits it has, lowest first.
        typealias Bits = (value: UInt32, count: UInt32)

        let opening: [Bits]
        let literal: Bits
        let match: Bits
        let end: Bits

        /// The fixed codes: 158 zeros for each byte.
        ///
        /// 258 is code 285, 11000101, and distance 1 is code 0, 00000; literal 0 is 00110000, the end seven zeros. Codes
        /// are written first bit first.
        static let fixed = Code(
            opening: [(0b011, 3)],
            literal: (0b0000_1100, 8),
            match: (0b00000_1010_0011, 13),
            end: (0, 7)
        )

        /// Codes of the block's own, the shortest there can be: 1,032 zeros for each byte, the most that deflate can do.
        ///
        /// 285 is 0, literal 0 is 10, the end is 11, and distance code 0 is 0. That is said in lengths of codes: 2 for
        /// literal 0, none for the next 255, 2 for the end, none for 28, 1 for 285, 1 for the distance. These lengths are
        /// in a code too: 18, which stands for many zeros, is 0, 1 is 10, 2 is 11.
        static let shortest = Code(
            opening: [(0b101, 3), (29, 5), (0, 5), (14, 4), (0, 6), (1, 3)]
                + Array(repeating: (0, 3), count: 12) + [(2, 3), (0, 3), (2, 3)]
                + [
                    (0b11, 2), (0, 1), (127, 7), (0, 1), (106, 7), (0b11, 2), (0, 1), (17, 7), (0b01, 2),
                    (0b01, 2),
                ],
            literal: (0b01, 2),
            match: (0, 2),
            end: (0b11, 2)
        )
    }

    private static let matchLength = 258
    private static let unitZeros = 8 * matchLength
    private static let bytesPerPiece = 52 * 1024

    private let count: Int
    private let code: Code
    private var unitsLeft: Int
    private var bits = BitWriter()
    private var hasBegun = false

    init(count: Int, code: Code) {
        self.count = count
        self.code = code
        unitsLeft = max(0, count - 1) / Self.unitZeros
    }

    /// Adds the next 52 KiB or less; false when that was the end.
    mutating func appendNext(to output: inout [UInt8]) -> Bool {
        if !hasBegun {
            hasBegun = true
            output += Gzip.header
            for piece in code.opening { write(piece) }
            if count > 0 { write(code.literal) }
        }
        let units = min(unitsLeft, Self.bytesPerPiece / Int(code.match.count))
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
        for _ in 0..<8 { write(code.match) }
        let unit = Array(bits.bytes[before...])
        // The bits left over are the end of a match, as they were before it: all units have the same bytes.
        for _ in 1..<units { bits.append(unit) }
    }

    private mutating func appendTail() {
        let left = max(0, count - 1) % Self.unitZeros
        for _ in 0..<(left / Self.matchLength) { write(code.match) }
        for _ in 0..<(left % Self.matchLength) { write(code.literal) }
        write(code.end)
        bits.fillByte()
    }

    private mutating func write(_ piece: Code.Bits) { bits.write(piece.value, count: piece.count) }
}
