// SPDX-License-Identifier: MIT
// fetchpool

/// A writer of HTML in which no text of a record can become markup.
///
/// Markup comes only from static strings in the source code. Every other text is escaped, and is also safe
/// in an attribute in double quotes.
struct HTMLWriter {
    /// The page so far, in UTF-8.
    private(set) var bytes: [UInt8] = []

    mutating func markup(_ text: StaticString) {
        // A static string has `utf8CodeUnitCount` bytes at `utf8Start`.
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }

    /// Writes a text with escapes.
    ///
    /// ASCII control characters, except line feeds, become spaces.
    mutating func text(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): markup("&amp;")
            case UInt8(ascii: "<"): markup("&lt;")
            case UInt8(ascii: ">"): markup("&gt;")
            case UInt8(ascii: "\""): markup("&quot;")
            case UInt8(ascii: "'"): markup("&#39;")
            case 0x0A: bytes.append(byte)
            // Most control characters are not allowed in HTML.
            case 0...0x1F, 0x7F: markup(" ")
            default: bytes.append(byte)
            }
        }
    }

    /// Writes a text in a `bdi` element.
    ///
    /// Right-to-left text in the element cannot change the order of the text around the element.
    mutating func foreign(_ text: String) {
        markup("<bdi>")
        self.text(text)
        markup("</bdi>")
    }

    /// Writes a number for a drawing, with up to two decimals; `value` is limited to the range from −10^9 to
    /// 10^9.
    mutating func number(_ value: Double) {
        let hundredths = Int((min(max(value, -1e9), 1e9) * 100).rounded())
        text("\(hundredths < 0 ? "-" : "")\(abs(hundredths) / 100)")
        guard hundredths % 100 != 0 else { return }
        let digits = abs(hundredths) % 100
        text(digits % 10 == 0 ? ".\(digits / 10)" : digits < 10 ? ".0\(digits)" : ".\(digits)")
    }

    mutating func number(_ value: Int) { text(String(value)) }
}
