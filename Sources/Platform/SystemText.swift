// SPDX-License-Identifier: MIT
// fetchpool

// File names, command-line words and environment variables can contain bytes that are not valid UTF-8. But a
// String is always valid UTF-8.
//
// A byte that is not part of a valid character becomes the character whose number is 0x10FF00 plus the byte.
// If a name already contains a character from U+10FF80 to U+10FFFF, each byte of this character is converted
// too. So `systemBytes` of a string from `init(systemBytes:)` always returns the original bytes.

extension String {
    /// The characters that stand for single bytes.
    private static let escapes: ClosedRange<UInt32> = 0x10FF80...0x10FFFF

    /// Creates a string from any bytes of the system, such as a file name.
    package init(systemBytes bytes: [UInt8]) {
        if let text = String(validating: bytes, as: UTF8.self), !text.hasSystemEscapes {
            self = text
            return
        }
        var scalars = String.UnicodeScalarView()
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var place = 0
        while true {
            let length: Int
            switch parser.parseScalar(from: &iterator) {
            case .emptyInput:
                self = String(scalars)
                return
            case .valid(let encoded):
                length = encoded.count
                let scalar = Unicode.UTF8.decode(encoded)
                if Self.escapes.contains(scalar.value) {
                    scalars.append(contentsOf: bytes[place..<place + length].map(Self.escape))
                } else {
                    scalars.append(scalar)
                }
            case .error(let count):
                length = count
                scalars.append(contentsOf: bytes[place..<place + length].map(Self.escape))
            }
            place += length
        }
    }

    private static func escape(_ byte: UInt8) -> Unicode.Scalar {
        // All these numbers are scalar values.
        Unicode.Scalar(0x10FF00 + UInt32(byte)) ?? "\u{FFFD}"
    }

    /// True if the string has a character from U+10FF80 to U+10FFFF.
    package var hasSystemEscapes: Bool {
        // The cheap test comes first: in UTF-8, these characters begin with the byte 0xF4, which is rare.
        utf8.contains(0xF4) && unicodeScalars.contains { Self.escapes.contains($0.value) }
    }

    /// The string in UTF-8; each character that stands for a single byte becomes this byte.
    package var systemBytes: [UInt8] {
        guard hasSystemEscapes else { return Array(utf8) }
        var bytes: [UInt8] = []
        for scalar in unicodeScalars {
            if Self.escapes.contains(scalar.value) {
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                bytes += Array(UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter)
            }
        }
        return bytes
    }

    /// The bytes of `systemBytes` with a zero at the end, for a system call.
    package var systemPath: [CChar] { systemBytes.map { CChar(bitPattern: $0) } + [0] }
}
