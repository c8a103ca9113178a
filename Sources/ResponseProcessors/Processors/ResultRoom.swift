// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The space that a page's result may take, in bytes of JSON.
///
/// A page of a million links is worth a list that is cut off: without the limits here its result would not
/// fit into one line, and the task would end in an error.
enum ResultRoom {
    /// The space for a title, a description or a language.
    static let forText = 1 << 20

    /// The space for the members after the last text or list: counts, and `truncated`.
    private static let forRest = 128

    /// Returns the space for a text or list after `count` bytes.
    static func left(after count: Int) -> Int {
        max(0, WireLimits.maxResultBytes - forRest - count)
    }
}

extension JSONWriter {
    /// Writes the words of `text` from the first on that fit into `room` bytes, as a string.
    ///
    /// `text` is valid UTF-8. Returns `true` if the whole text fits.
    mutating func excerpt(of text: Span<UInt8>, room: Int) -> Bool {
        let end = TextExcerpt.end(in: text, room: room)
        string(text.extracting(0..<end))
        return end == text.count
    }
}

/// The beginning of a text.
enum TextExcerpt {
    /// Returns the end of the last word that fits into a JSON string of `room` bytes.
    ///
    /// If not even the first word fits, the end lies within the word, between two characters. The words of
    /// `text` have single spaces and line feeds between them.
    static func end(in text: Span<UInt8>, room: Int) -> Int {
        // Each byte takes six bytes at most, and two are for the quotes.
        guard text.count > (room - 2) / 6 else { return text.count }
        var left = room - 2
        var wordEnd = 0
        for index in 0..<text.count {
            let byte = text[index]
            if byte == 0x20 || byte == 0x0A { wordEnd = index }
            left -= length(of: byte)
            guard left < 0 else { continue }
            if wordEnd > 0 { return wordEnd }
            var end = index
            // 10xxxxxx is not the first byte of a character (RFC 3629 §3).
            while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
            return end
        }
        return text.count
    }

    /// Returns the length of a byte in a JSON string: an escape for quotes, backslashes and control characters.
    private static func length(of byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x09, 0x0A, 0x0D: 2
        case ..<0x20: 6
        default: 1
        }
    }
}
