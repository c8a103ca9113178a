// SPDX-License-Identifier: MIT
// fetchpool

/// An index of the Encoding Standard (§5) for decoders, which maps pointers to scalars.
///
/// A pointer is a number that a decoder computes from the bytes of a character.
struct EncodingIndex: Sendable {
    /// The scalar of each pointer; 0 if a pointer has none.
    ///
    /// Four elements of `big5` hold two scalars each: the first in the low 16 bits, the second in the high
    /// 16 bits.
    let scalars: [UInt32]

    init(_ scalars: [UInt32]) {
        self.scalars = scalars
    }

    init(_ text: String) {
        var scalars: [UInt32] = []
        IndexText.forEach(in: text) { scalars.append($0) }
        self.init(scalars)
    }

    @inline(__always)
    subscript(pointer: Int) -> UInt32 {
        pointer < scalars.count ? scalars[pointer] : 0
    }
}

extension EncodingIndex {
    static let jis0208 = EncodingIndex(IndexText.jis0208)
    static let jis0212 = EncodingIndex(IndexText.jis0212)
    static let big5 = makeBig5()
    static let eucKR = makeEUCKR()
    static let gb18030 = makeGB18030()

    private static func makeBig5() -> EncodingIndex {
        var scalars = EncodingIndex(IndexText.big5).scalars + EncodingIndex(IndexText.big5End).scalars
        // Four pointers stand for two scalars each (§11.1.1, table).
        for (pointer, first, second) in [
            (1133, 0xCA, 0x304), (1135, 0xCA, 0x30C), (1164, 0xEA, 0x304), (1166, 0xEA, 0x30C),
        ] as [(Int, UInt32, UInt32)] {
            scalars[pointer] = second << 16 | first
        }
        return EncodingIndex(scalars)
    }

    /// Creates index EUC-KR.
    ///
    /// The index is a table: each lead byte has a row, and each trail byte has a column. The character set
    /// KS X 1001 fills the table from row 32 and column 96 on. The other cells hold the Hangul syllables that
    /// KS X 1001 lacks, in Unicode's order. But each cell whose trail byte is below 0x81 and is not an ASCII
    /// letter is empty. The cells after the last syllable are also empty.
    private static func makeEUCKR() -> EncodingIndex {
        let square = EncodingIndex(IndexText.ksX1001)
        var scalars = [UInt32](repeating: 0, count: 125 * 190)
        var syllables = (0xAC00...0xD7A3 as ClosedRange<UInt32>).lacking(square).makeIterator()
        for row in 0..<125 {
            for column in 0..<190 {
                let pointer = row * 190 + column
                if row >= 32, column >= 96 {
                    scalars[pointer] = square[(row - 32) * 94 + column - 96]
                } else if isLetterOrHigh(UInt8(column + 0x41)) {
                    scalars[pointer] = syllables.next() ?? 0
                }
            }
        }
        return EncodingIndex(scalars)
    }

    private static func isLetterOrHigh(_ trail: UInt8) -> Bool {
        trail >= 0x81 || trail & 0xDF &- UInt8(ascii: "A") < 26
    }

    /// Creates index gb18030.
    ///
    /// The index is a table: each lead byte has a row, and each trail byte has a column. The character set
    /// GB 2312 fills the table from row 32 and column 96 on. In the columns before GB 2312, rows 32 to 38
    /// hold private-use scalars, and rows 39 and 40 hold symbols. The other cells hold the ideographs that
    /// GB 2312 lacks, and then the scalars of `IndexText.gb18030End`.
    private static func makeGB18030() -> EncodingIndex {
        let square = EncodingIndex(IndexText.gb2312)
        let symbols = EncodingIndex(IndexText.gbkSymbols)
        var privateUse: UInt32 = 0xE4C6
        var rest =
            ((0x4E00...0x9FA5 as ClosedRange<UInt32>).lacking(square)
            + EncodingIndex(IndexText.gb18030End).scalars).makeIterator()
        var scalars: [UInt32] = []
        for row in 0..<126 {
            for column in 0..<190 {
                switch (row, column) {
                case (32..., 96...): scalars.append(square[(row - 32) * 94 + column - 96])
                case (32...38, _):
                    scalars.append(privateUse)
                    privateUse += 1
                case (39...40, _): scalars.append(symbols[(row - 39) * 96 + column])
                default: scalars.append(rest.next() ?? 0)
                }
            }
        }
        // Existing pages use 0xA3 0xA0 as a blank (§5, index gb18030).
        scalars[34 * 190 + 95] = 0x3000
        return EncodingIndex(scalars)
    }
}

extension ClosedRange<UInt32> {
    /// Returns the members of the range that `index` does not contain, in order.
    fileprivate func lacking(_ index: EncodingIndex) -> [UInt32] {
        var isIn = [Bool](repeating: false, count: count)
        for scalar in index.scalars where contains(scalar) { isIn[Int(scalar - lowerBound)] = true }
        return filter { !isIn[Int($0 - lowerBound)] }
    }
}
