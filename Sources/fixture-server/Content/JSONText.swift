// SPDX-License-Identifier: MIT
// fetchpool

/// A writer of JSON (RFC 8259) as bytes.
struct JSONText {
    private(set) var bytes: [UInt8] = []

    /// Appends a piece of JSON unchanged.
    mutating func raw(_ text: String) { bytes += text.utf8 }

    /// Appends `text` as a JSON string, quoted and escaped.
    mutating func string(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += (digits.utf8.count == 1 ? "\\u000" : "\\u00").utf8
                bytes += digits.utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
