// SPDX-License-Identifier: MIT
// fetchpool

/// The ISO-2022-JP encoder (Encoding Standard §12.2.2).
struct ISO2022JPEncoder {
    private enum State {
        case ascii, roman, jis0208
    }

    private var state = State.ascii

    /// Appends the bytes of `scalar` and returns `nil`.
    ///
    /// If the encoding has no bytes for `scalar`, returns a scalar that the caller must write in another
    /// way.
    mutating func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) -> Unicode.Scalar? {
        // These three control characters could switch the decoder to another character set.
        if state != .jis0208, scalar == "\u{0E}" || scalar == "\u{0F}" || scalar == "\u{1B}" {
            return "\u{FFFD}"
        }
        if state == .roman, let byte = Self.roman(scalar) {
            bytes.append(byte)
            return nil
        }
        if scalar.isASCII {
            enter(.ascii, &bytes)
            // The check above skips the state `jis0208`.
            if scalar == "\u{0E}" || scalar == "\u{0F}" || scalar == "\u{1B}" { return "\u{FFFD}" }
            bytes.append(UInt8(scalar.value))
            return nil
        }
        if let byte = Self.roman(scalar) {
            enter(.roman, &bytes)
            bytes.append(byte)
            return nil
        }
        guard let pointer = EncoderIndex.jis0208[Self.wide(scalar.value)] else {
            if state == .jis0208 { enter(.ascii, &bytes) }
            return scalar
        }
        enter(.jis0208, &bytes)
        bytes.append(UInt8(pointer / 94 + 0x21))
        bytes.append(UInt8(pointer % 94 + 0x21))
        return nil
    }

    /// Appends the escape sequence for ASCII, unless the state is ASCII already.
    mutating func finish(_ bytes: inout [UInt8]) {
        enter(.ascii, &bytes)
    }

    private mutating func enter(_ next: State, _ bytes: inout [UInt8]) {
        guard state != next else { return }
        state = next
        switch next {
        case .ascii: bytes.append(contentsOf: [0x1B, 0x28, 0x42])
        case .roman: bytes.append(contentsOf: [0x1B, 0x28, 0x4A])
        case .jis0208: bytes.append(contentsOf: [0x1B, 0x24, 0x42])
        }
    }

    /// Returns the byte of a scalar in JIS X 0201's Roman set; `nil` if the set lacks the scalar.
    private static func roman(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar {
        case "\u{A5}": 0x5C
        case "\u{203E}": 0x7E
        case "\\", "~": nil
        default: scalar.isASCII ? UInt8(scalar.value) : nil
        }
    }

    /// Returns the scalar to look up in index jis0208 for `scalar`.
    ///
    /// The minus sign is replaced by the full-width hyphen-minus, and half-width katakana by full-width
    /// katakana.
    private static func wide(_ scalar: UInt32) -> UInt32 {
        if scalar == 0x2212 { return 0xFF0D }
        guard 0xFF61...0xFF9F ~= scalar else { return scalar }
        return wideKatakana[Int(scalar - 0xFF61)]
    }

    /// Index ISO-2022-JP katakana (§5), beginning at U+FF61.
    private static let wideKatakana = """
        。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜
        """.unicodeScalars.map(\.value)
}
