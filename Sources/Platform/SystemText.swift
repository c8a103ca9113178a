// SPDX-License-Identifier: MIT
// fetchpool

// File names, words of a command line and variables are bytes, and need not be UTF-8; a String is always UTF-8.
//
// So each byte that is no part of a character stands in a String as a character of its own: U+10FF00 plus the byte, at the end
// of the last private plane, where no text uses them. Should a name hold such a character, its bytes are taken one by one as
// well. So every name comes out of its String as it went in.

extension String {
    /// The characters that stand for single bytes.
    private static let escapes: ClosedRange<UInt32> = 0x10FF80...0x10FFFF

    /// Makes a string of a name, word or variable of the system's, whatever its bytes are.
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
        // All of the plane are scalar values.
        Unicode.Scalar(0x10FF00 + UInt32(byte)) ?? "\u{FFFD}"
    }

    /// True while some of its characters stand for bytes that are no UTF-8.
    package var hasSystemEscapes: Bool {
        // Looking for the first byte of the last plane alone: nearly no text has it.
        utf8.contains(0xF4) && unicodeScalars.contains { Self.escapes.contains($0.value) }
    }

    /// The bytes that the system knows it by.
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

    /// The bytes that the system knows it by, with a zero behind, for a system call.
    package var systemPath: [CChar] { systemBytes.map { CChar(bitPattern: $0) } + [0] }
}
