// SPDX-License-Identifier: MIT
// fetchpool

/// Encodes scalars one by one (Encoding Standard §6.1, "encode or fail").
///
/// It is needed for the queries of URLs alone; everything that fetchpool writes is UTF-8.
package struct TextEncoder {
    private let encoding: TextEncoding
    /// The scalars of the bytes from 0x80 on, if the encoding has one byte a character.
    private let highScalars: [UInt32]?
    private var iso2022JP = ISO2022JPEncoder()

    /// Makes an encoder of the encoding's output encoding (§4.3): UTF-16 and replacement are written as
    /// UTF-8.
    package init(_ encoding: TextEncoding) {
        self.encoding = encoding.output
        highScalars = encoding.highScalars
    }

    /// Appends the bytes of `scalar` to `bytes`.
    ///
    /// Returns the scalar to write in another way, if the encoding has no bytes for it, and else `nil`. It is
    /// `scalar` itself but for three control characters in ISO-2022-JP, for which it is U+FFFD. Bytes may be
    /// appended before a failure too.
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

    /// Appends what ends the text: ISO-2022-JP goes back to ASCII.
    package mutating func finish(_ bytes: inout [UInt8]) {
        if encoding == .iso2022JP { iso2022JP.finish(&bytes) }
    }
}

extension TextEncoding {
    /// The encoding in which answers to a page in this encoding are written (Encoding Standard §4.3, "get an
    /// output encoding").
    package var output: TextEncoding {
        switch self {
        case .replacement, .utf16BE, .utf16LE: .utf8
        default: self
        }
    }
}
