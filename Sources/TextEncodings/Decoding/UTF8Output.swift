// SPDX-License-Identifier: MIT
// fetchpool

extension OutputSpan<UInt8> {
    /// Appends a scalar, which must not be a surrogate, as UTF-8.
    ///
    /// A value above U+10FFFF holds two scalars: the first in the low 16 bits, the second in the high 16
    /// bits. The index of Big5 has four such values.
    @inline(__always)
    mutating func append(scalar: UInt32) {
        if scalar < 0x80 {
            append(UInt8(truncatingIfNeeded: scalar))
        } else if scalar < 0x800 {
            append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
            append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
        } else if scalar < 0x1_0000 {
            append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
            append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
            append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
        } else {
            appendLong(scalar)
        }
    }

    private mutating func appendLong(_ scalar: UInt32) {
        guard scalar <= 0x10_FFFF else {
            for half in [scalar & 0xFFFF, scalar >> 16] {
                append(0xC0 | UInt8(half >> 6))
                append(0x80 | UInt8(half & 0x3F))
            }
            return
        }
        append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
        append(0x80 | UInt8(truncatingIfNeeded: scalar >> 12 & 0x3F))
        append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
        append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
    }
}

/// U+FFFD, which replaces bytes that do not fit an encoding.
let replacementScalar: UInt32 = 0xFFFD
