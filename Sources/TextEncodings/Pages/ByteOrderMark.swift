// SPDX-License-Identifier: MIT
// fetchpool

/// A byte order mark at the beginning of a text (Encoding Standard §6.1, "BOM sniff").
struct ByteOrderMark {
    let encoding: TextEncoding
    /// The number of bytes of the mark.
    let length: Int

    /// Reads the mark at the beginning of `bytes`; `nil` if there is none.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= 2 else { return nil }
        switch (bytes[0], bytes[1]) {
        case (0xEF, 0xBB) where bytes.count >= 3 && bytes[2] == 0xBF: (encoding, length) = (.utf8, 3)
        case (0xFE, 0xFF): (encoding, length) = (.utf16BE, 2)
        case (0xFF, 0xFE): (encoding, length) = (.utf16LE, 2)
        default: return nil
        }
    }
}
