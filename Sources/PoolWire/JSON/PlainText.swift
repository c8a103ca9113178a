// SPDX-License-Identifier: MIT
// fetchpool

#if canImport(Glibc)
import Glibc
#endif

/// A search for the end of plain bytes.
///
/// A plain byte is an ASCII byte that a JSON string can contain unchanged, except DEL: any byte from 0x20 to
/// 0x7E except the quote and the backslash. The search checks eight bytes at a time.
///
/// Bounds of the unsafe code here: all loaded bytes lie before the given end. Both pointers of `isEqual` must
/// cover `count` bytes.
enum PlainText {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Returns the position of the first byte from `position` on that is not plain; `end` if all are plain.
    @inline(__always)
    static func end(from position: Int, to end: Int, in base: UnsafePointer<UInt8>) -> Int {
        var position = position
        while position &+ 8 <= end {
            let word = unsafe UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            let marks = notPlain(UInt64(littleEndian: word))
            if marks != 0 { return position &+ marks.trailingZeroBitCount &>> 3 }
            position &+= 8
        }
        while position < end, isPlain(unsafe base[position]) { position &+= 1 }
        return position
    }

    /// Returns the position of the first byte from `position` on that is not plain; the count of `bytes` if
    /// all are plain.
    @inline(__always)
    static func end(from position: Int, in bytes: Span<UInt8>) -> Int {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return position }
            return unsafe end(from: position, to: buffer.count, in: base)
        }
    }

    /// Returns `true` if the first `count` bytes at both pointers are equal.
    ///
    /// If `count` is a small constant, the call compiles to a few comparisons.
    @inline(__always)
    static func isEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        unsafe memcmp(left, right, count) == 0
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte &- 0x20 < 0x5F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Returns a word in which the high bit of a byte is set if the same byte of `word` is not plain.
    ///
    /// The lowest set bit is always right. A bit above it can be wrong, because a subtraction can borrow, and
    /// the addition can carry.
    @inline(__always)
    private static func notPlain(_ word: UInt64) -> UInt64 {
        let control = word &- ones &* 0x20
        let quote = (word ^ ones &* 0x22) &- ones
        let backslash = (word ^ ones &* 0x5C) &- ones
        let delete = word &+ ones
        return (control | quote | backslash | delete | word) & highBits
    }
}
