// SPDX-License-Identifier: MIT
// fetchpool

extension TextEncoding {
    /// Appends `text` to a URL (URL Standard §1.3, "percent-encode after encoding").
    ///
    /// Bytes of 0x80 or more, and ASCII bytes for which `isEncoded` returns true, are written as `%` and two
    /// hexadecimal digits. A scalar that this encoding lacks becomes a percent-encoded character reference,
    /// such as `%26%238364%3B`. For UTF-16 and the replacement encoding, `text` is written as UTF-8.
    package func percentEncode(
        _ text: some Sequence<Unicode.Scalar>,
        to url: inout [UInt8],
        where isEncoded: (UInt8) -> Bool
    ) {
        var encoder = TextEncoder(self)
        var bytes: [UInt8] = []
        for scalar in text {
            let missing = encoder.append(scalar, to: &bytes)
            Self.percentEncode(&bytes, to: &url, where: isEncoded)
            if let missing { url.append(contentsOf: "%26%23\(missing.value)%3B".utf8) }
        }
        encoder.finish(&bytes)
        Self.percentEncode(&bytes, to: &url, where: isEncoded)
    }

    private static func percentEncode(
        _ bytes: inout [UInt8],
        to url: inout [UInt8],
        where isEncoded: (UInt8) -> Bool
    ) {
        for byte in bytes {
            if byte < 0x80, !isEncoded(byte) {
                url.append(byte)
            } else {
                url.append(UInt8(ascii: "%"))
                url.append(digit(byte >> 4))
                url.append(digit(byte & 0xF))
            }
        }
        bytes.removeAll(keepingCapacity: true)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value
    }
}
