// SPDX-License-Identifier: MIT
// fetchpool

/// An index of the Encoding Standard (§5) for encoders: a map from scalars to pointers.
///
/// `EncodingIndex` says what a pointer is.
struct EncoderIndex: Sendable {
    private static let none = UInt16.max

    /// The pointers of the scalars up to U+FFFF.
    private let pointers: [UInt16]
    /// The pointers of the scalars above U+FFFF.
    private let others: [UInt32: UInt16]

    /// Creates the index from the pointers of `index` for which `isIn` returns true.
    ///
    /// If several pointers have the same scalar, the lowest pointer is used.
    init(_ index: EncodingIndex, where isIn: (Int) -> Bool = { _ in true }) {
        var pointers = [UInt16](repeating: Self.none, count: 0x1_0000)
        var others: [UInt32: UInt16] = [:]
        for (pointer, scalar) in index.scalars.enumerated().reversed() where scalar != 0 && isIn(pointer) {
            if scalar < 0x1_0000 {
                pointers[Int(scalar)] = UInt16(pointer)
            } else {
                others[scalar] = UInt16(pointer)
            }
        }
        (self.pointers, self.others) = (pointers, others)
    }

    /// Returns the pointer of a scalar; `nil` if the scalar has none.
    subscript(scalar: UInt32) -> Int? {
        guard scalar < 0x1_0000 else { return others[scalar].map(Int.init) }
        let pointer = pointers[Int(scalar)]
        return pointer == Self.none ? nil : Int(pointer)
    }
}

extension EncoderIndex {
    static let jis0208 = EncoderIndex(.jis0208)
    /// Index jis0208 without NEC's copy of IBM's extensions (§5, "index Shift_JIS pointer").
    static let shiftJIS = EncoderIndex(.jis0208) { !(8272...8835).contains($0) }
    static let eucKR = EncoderIndex(.eucKR)
    static let gb18030 = EncoderIndex(.gb18030)
    /// Index Big5 from the lead byte 0xA1 on (§5, "index Big5 pointer").
    ///
    /// Lower lead bytes belong to the extension HKSCS.
    static let big5 = EncoderIndex(.big5) { pointer in
        guard pointer >= (0xA1 - 0x81) * 157 else { return false }
        // For the six scalars in the first case, the last pointer is used.
        return switch EncodingIndex.big5[pointer] {
        case 0x2550, 0x255E, 0x2561, 0x256A, 0x5341, 0x5345:
            EncodingIndex.big5.scalars.lastIndex(of: EncodingIndex.big5[pointer]) == pointer
        default: true
        }
    }
}
