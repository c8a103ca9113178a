// SPDX-License-Identifier: MIT
// fetchpool

/// Room that a writer has reserved, into which pieces of JSON are laid one after the other.
///
/// One reservation serves many pieces, so that a line costs little more than its bytes. It is public although no product
/// shows it: the compiler carries the bodies of public functions into other modules, and those of package ones never.
///
/// Bounds of the unsafe code here: `next..<end` is reserved, and each piece first makes sure that it fits.
@safe
public struct JSONRoom: ~Copyable {
    @usableFromInline var next: UnsafeMutablePointer<UInt8>
    @usableFromInline let end: UnsafeMutablePointer<UInt8>

    /// The most bytes that a number takes.
    public static let numberBytes = 25

    /// Lays pieces into `count` bytes from `start` on, which must be there as long as this is.
    @inlinable @inline(__always)
    init(_ start: UnsafeMutablePointer<UInt8>, count: Int) {
        unsafe next = start
        unsafe end = start + count
    }

    /// Lays one byte.
    @inlinable @inline(__always)
    public mutating func byte(_ byte: UInt8) {
        require(1)
        unsafe next.pointee = byte
        unsafe next += 1
    }

    /// Lays text of the source as it stands there.
    @inlinable @inline(__always)
    public mutating func text(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        require(count)
        unsafe UnsafeMutableRawPointer(next).copyMemory(from: text.utf8Start, byteCount: count)
        unsafe next += count
    }

    /// Lays bytes as they are.
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

    /// Lays an integer in decimal.
    @inlinable @inline(__always)
    public mutating func number(_ value: Int) {
        if value < 0 { byte(UInt8(ascii: "-")) }
        number(value.magnitude)
    }

    /// Lays an integer in decimal.
    @inlinable @inline(__always)
    public mutating func number(_ value: UInt) {
        // All but the sign: up to 20 digits, and what eight of them at once write too far.
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

    /// Lays thousandths as a number with up to three decimals; anything below zero as zero.
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

    /// Lays a number under 10^8: all eight digits at once, each step halving groups of 8, 4 and 2 digits side by side.
    ///
    /// The quotients by 100 and by 10 are multiplications that are exact for groups of that size.
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
        // Eight bytes are there: the caller made sure of the room for the longest number.
        unsafe UnsafeMutableRawPointer(next).storeBytes(of: text.littleEndian, as: UInt64.self)
        unsafe next += 8 - skipped
    }

    @inlinable @inline(__always)
    func require(_ count: Int) {
        unsafe precondition(end - next >= count, "a piece of JSON is longer than the room reserved for it")
    }
}
