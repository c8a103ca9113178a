// SPDX-License-Identifier: MIT
// fetchpool

/// The checksum of gzip (RFC 1952, 8): bit-reversed, with the polynomial 0xEDB88320.
enum CRC32 {
    private static let polynomial: UInt32 = 0xEDB8_8320

    /// Returns the checksum of some bytes.
    static func of(_ bytes: [UInt8]) -> UInt32 {
        var state: UInt32 = ~0
        for byte in bytes {
            state ^= UInt32(byte)
            for _ in 0..<8 { state = timesX(state) }
        }
        return ~state
    }

    /// Returns the checksum of `count` zero bytes, in logarithmic time.
    ///
    /// The state is a polynomial over GF(2), and a zero bit multiplies the state by x. `count` zero bytes
    /// therefore multiply the state by a power of x. Repeated squaring computes this power.
    static func ofZeros(_ count: Int) -> UInt32 {
        // In the reversed order the highest bit is x⁰.
        var power: UInt32 = 0x8000_0000
        var square: UInt32 = 0x4000_0000
        var exponent = count * 8
        while exponent > 0 {
            if exponent & 1 == 1 { power = product(power, square) }
            square = product(square, square)
            exponent >>= 1
        }
        return ~product(power, ~0)
    }

    private static func timesX(_ value: UInt32) -> UInt32 {
        value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1
    }

    private static func product(_ left: UInt32, _ right: UInt32) -> UInt32 {
        var sum: UInt32 = 0
        var shifted = right
        var bit: UInt32 = 0x8000_0000
        while bit != 0 {
            if left & bit != 0 { sum ^= shifted }
            shifted = timesX(shifted)
            bit >>= 1
        }
        return sum
    }
}
