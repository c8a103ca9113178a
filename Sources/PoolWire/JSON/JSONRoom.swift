// SPDX-License-Identifier: MIT
// fetchpool

/// Memory that a writer has reserved for several pieces of JSON.
///
/// The writer enlarges its buffer at most once for these pieces. The type is public, although no product
/// exports it: Swift 6.3 does not inline a package function into another module.
///
/// Bounds of the unsafe code here: `next..<end` is reserved, and `require` checks each piece before it is
/// written.
@safe
public struct JSONRoom: ~Copyable {
    @usableFromInline var next: UnsafeMutablePointer<UInt8>
    @usableFromInline let end: UnsafeMutablePointer<UInt8>

    /// The number of bytes to reserve for an integer.
    ///
    /// An integer has up to 20 characters; the other bytes are a reserve.
    public static let numberBytes = 25

    /// Creates a value for `count` bytes from `start` on; the bytes must stay valid while the value exists.
    @inlinable @inline(__always)
    init(_ start: UnsafeMutablePointer<UInt8>, count: Int) {
        unsafe next = start
        unsafe end = start + count
    }

    /// Writes one byte.
    @inlinable @inline(__always)
    public mutating func byte(_ byte: UInt8) {
        require(1)
        unsafe next.pointee = byte
        unsafe next += 1
    }

    /// Writes a static text unchanged.
    @inlinable @inline(__always)
    public mutating func text(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        require(count)
        unsafe UnsafeMutableRawPointer(next).copyMemory(from: text.utf8Start, byteCount: count)
        unsafe next += count
    }

    /// Writes bytes unchanged.
    @inlinable @inline(__always)
    public mutating func bytes(_ bytes: Span<UInt8>) {
        let count = bytes.count
        require(count)
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe UnsafeMutableRawPointer(next).copyMemory(from: base, byteCount: count)
        }
        unsafe next += count
    }

    /// Writes an integer in decimal.
    @inlinable @inline(__always)
    public mutating func number(_ value: Int) {
        if value < 0 { byte(UInt8(ascii: "-")) }
        number(value.magnitude)
    }

    /// Writes an integer in decimal.
    @inlinable @inline(__always)
    public mutating func number(_ value: UInt) {
        // The sign can already have taken one of the reserved bytes.
        require(Self.numberBytes - 1)
        if value < 10 {
            unsafe next.pointee = UInt8(ascii: "0") | UInt8(truncatingIfNeeded: value)
            unsafe next += 1
        } else if value < 100_000_000 {
            eightDigits(of: value, isPadded: false)
        } else {
            longNumber(value)
        }
    }

    /// Writes `value` / 1,000 with up to three decimals, of which the last is not zero.
    ///
    /// If `value` is negative, the function writes 0.
    @inlinable
    public mutating func thousandths(_ value: Int) {
        let value = UInt(max(value, 0))
        let rest = value % 1_000
        number(value / 1_000)
        guard rest > 0 else { return }
        require(4)
        unsafe next[0] = UInt8(ascii: ".")
        unsafe next[1] = UInt8(ascii: "0") | UInt8(truncatingIfNeeded: rest / 100)
        unsafe next[2] = UInt8(ascii: "0") | UInt8(truncatingIfNeeded: rest / 10 % 10)
        unsafe next[3] = UInt8(ascii: "0") | UInt8(truncatingIfNeeded: rest % 10)
        unsafe next += rest % 10 > 0 ? 4 : rest % 100 > 0 ? 3 : 2
    }

    @usableFromInline mutating func longNumber(_ value: UInt) {
        if value >= 10_000_000_000_000_000 {
            eightDigits(of: value / 10_000_000_000_000_000, isPadded: false)
            eightDigits(of: value / 100_000_000 % 100_000_000, isPadded: true)
        } else {
            eightDigits(of: value / 100_000_000, isPadded: false)
        }
        eightDigits(of: value % 100_000_000, isPadded: true)
    }

    /// Writes a number below 10^8; if `isPadded` is true, leading zeros make it eight digits long.
    ///
    /// The digits are computed in parallel: groups of 8, 4 and 2 digits are split in two. Multiplications
    /// replace the divisions by 100 and by 10, and are exact for groups of these sizes.
    @inlinable @inline(__always)
    mutating func eightDigits(of value: UInt, isPadded: Bool) {
        let value = UInt64(value)
        let fours = value / 10_000 | (value % 10_000) << 32
        let hundreds = (fours &* 10_486) >> 20 & 0x0000_007F_0000_007F
        let twos = hundreds | (fours &- hundreds &* 100) << 16
        let tens = (twos &* 103) >> 10 & 0x000F_000F_000F_000F
        let digits = tens | (twos &- tens &* 10) << 8
        let skipped = isPadded ? 0 : min(digits.trailingZeroBitCount / 8, 7)
        let text = (digits | 0x3030_3030_3030_3030) >> UInt64(skipped * 8)
        // Eight bytes are free here, because `number` has checked the space for the longest number.
        unsafe UnsafeMutableRawPointer(next).storeBytes(of: text.littleEndian, as: UInt64.self)
        unsafe next += 8 - skipped
    }

    @inlinable @inline(__always)
    func require(_ count: Int) {
        unsafe precondition(end - next >= count, "a piece of JSON is longer than the room reserved for it")
    }
}
