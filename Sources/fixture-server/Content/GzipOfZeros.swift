// SPDX-License-Identifier: MIT
// fetchpool

/// A gzip stream of zero bytes, generated while it is sent.
///
/// The stream is one deflate block (RFC 1951, 3.2): a literal 0, and then matches of the greatest length,
/// 258, at distance 1. A literal follows for each remaining zero. Eight matches fill a whole number of
/// bytes, so all groups of eight matches have the same bytes.
struct GzipOfZeros {
    /// The codes of the block: the opening (the block's header), a literal, a match and the end.
    struct Code {
        /// A value, whose lowest bit is written first, and the number of its bits.
        typealias Bits = (value: UInt32, count: UInt32)

        let opening: [Bits]
        let literal: Bits
        let match: Bits
        let end: Bits

        /// The fixed codes: about 159 zeros for each byte.
        ///
        /// Length 258 is code 285, 11000101, and distance 1 is code 0, 00000. Literal 0 is 00110000, and the
        /// end is seven zeros. The first bit of a code is the lowest bit of its value here.
        static let fixed = Code(
            opening: [(0b011, 3)],
            literal: (0b0000_1100, 8),
            match: (0b00000_1010_0011, 13),
            end: (0, 7)
        )

        /// The shortest possible codes: 1,032 zeros for each byte, the most that deflate allows.
        ///
        /// Code 285 is written as 0, literal 0 as 10, the end as 11, and distance code 0 as 0. The block
        /// transmits the length of each code, in bits: 2 for literal 0, 0 for the next 255 literals, 2 for
        /// the end, 0 for the next 28 codes, 1 for code 285, and 1 for distance code 0. These lengths are
        /// coded too: symbol 18, which stands for many zeros, is written as 0, length 1 as 10, and length 2
        /// as 11.
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

    /// Appends at most about 52 KiB of the stream; returns false if the stream is then complete.
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
        // Before and after a unit, the same number of bits is pending, and all of them are zeros. So all
        // units have the same bytes.
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
