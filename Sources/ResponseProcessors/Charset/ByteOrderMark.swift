// SPDX-License-Identifier: MIT
// fetchpool

/// The mark at the beginning of a text that tells its encoding (Encoding standard, "BOM sniff").
struct ByteOrderMark {
    /// What the mark stands for.
    let charset: Charset
    /// How many bytes the mark has.
    let length: Int

    /// Reads the mark; `nil` if there is none.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= 2 else { return nil }
        switch (bytes[0], bytes[1]) {
        case (0xEF, 0xBB) where bytes.count >= 3 && bytes[2] == 0xBF: (charset, length) = (.utf8, 3)
        case (0xFE, 0xFF): (charset, length) = (.other("UTF-16BE"), 2)
        case (0xFF, 0xFE): (charset, length) = (.other("UTF-16LE"), 2)
        default: return nil
        }
    }
}
