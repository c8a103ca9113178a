// SPDX-License-Identifier: MIT
// fetchpool

/// The characters that replace a part of a page, as UTF-8.
struct Replacement {
    private var bytes = InlineArray<8, UInt8>(repeating: 0)
    private var count = 0
    /// The index in the page after the replaced part.
    let end: Int

    /// Creates a replacement without characters.
    init(end: Int) { self.end = end }

    /// Creates a replacement by one character, or by two characters if `second` is not zero.
    init(_ first: UInt32, _ second: UInt32 = 0, end: Int) {
        self.end = end
        append(first)
        if second != 0 { append(second) }
    }

    /// Calls `body` with the bytes, if there are any.
    func withBytes(_ body: (Span<UInt8>) -> Void) {
        if count > 0 { body(bytes.span.extracting(0..<count)) }
    }

    private mutating func append(_ scalar: UInt32) {
        switch scalar {
        case 0..<0x80: append(byte: scalar)
        case 0x80..<0x800:
            append(byte: 0xC0 | scalar >> 6)
            append(byte: 0x80 | scalar & 0x3F)
        case 0x800..<0x1_0000:
            append(byte: 0xE0 | scalar >> 12)
            append(byte: 0x80 | scalar >> 6 & 0x3F)
            append(byte: 0x80 | scalar & 0x3F)
        default:
            append(byte: 0xF0 | scalar >> 18)
            append(byte: 0x80 | scalar >> 12 & 0x3F)
            append(byte: 0x80 | scalar >> 6 & 0x3F)
            append(byte: 0x80 | scalar & 0x3F)
        }
    }

    private mutating func append(byte: UInt32) {
        bytes[count] = UInt8(truncatingIfNeeded: byte)
        count += 1
    }
}
