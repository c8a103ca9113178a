// SPDX-License-Identifier: MIT
// fetchpool

/// An encoder that takes scalars one by one (Encoding Standard §6.1, "encode or fail").
package struct TextEncoder {
    private let encoding: TextEncoding
    /// The scalars of the bytes from 0x80 on; `nil` unless each character has exactly one byte.
    private let highScalars: [UInt32]?
    private var iso2022JP = ISO2022JPEncoder()

    /// Creates an encoder for the encoding `encoding.output`.
    package init(_ encoding: TextEncoding) {
        self.encoding = encoding.output
        highScalars = encoding.highScalars
    }

    /// Appends the bytes of `scalar` to `bytes` and returns `nil`.
    ///
    /// If the encoding has no bytes for `scalar`, returns the scalar that the caller must write in another
    /// way. The returned scalar is `scalar` itself, or U+FFFD for three control characters in ISO-2022-JP.
    /// In ISO-2022-JP, the call can append an escape sequence even if it returns a scalar.
    package mutating func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) -> Unicode.Scalar? {
        if encoding == .iso2022JP { return iso2022JP.append(scalar, to: &bytes) }
        guard !scalar.isASCII else {
            bytes.append(UInt8(scalar.value))
            return nil
        }
        if encoding == .utf8 {
            bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            return nil
        }
        if let highScalars {
            guard let index = highScalars.firstIndex(of: scalar.value) else { return scalar }
            bytes.append(0x80 + UInt8(index))
            return nil
        }
        guard let code = LegacyCode(scalar.value, in: encoding) else { return scalar }
        code.append(to: &bytes)
        return nil
    }

    /// Ends the text; in ISO-2022-JP, appends the escape sequence that returns to ASCII if it is needed.
    package mutating func finish(_ bytes: inout [UInt8]) {
        if encoding == .iso2022JP { iso2022JP.finish(&bytes) }
    }
}

extension TextEncoding {
    /// The encoding for URL queries and forms on a page in this encoding (Encoding Standard §4.3, "get an
    /// output encoding").
    package var output: TextEncoding {
        switch self {
        case .replacement, .utf16BE, .utf16LE: .utf8
        default: self
        }
    }
}
