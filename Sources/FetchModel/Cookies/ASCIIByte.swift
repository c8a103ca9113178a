// SPDX-License-Identifier: MIT
// fetchpool

/// Tests and conversions of ASCII bytes for the grammars of cookies and of `--resolve`.
enum ASCIIByte {
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Returns true for a byte of a host name: an ASCII letter, a digit, a hyphen, an underscore or a dot.
    static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: isDigit(byte) || lower(byte) &- 0x61 < 26
        }
    }
}
