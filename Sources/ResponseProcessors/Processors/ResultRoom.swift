// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// The space that a page's result may take, in bytes of JSON.
///
/// A larger result would not fit into one line, and the task would end with an error.
enum ResultRoom {
    /// The space for one title, description or language.
    static let forText = 1 << 20

    /// The space for names, brackets and the members `count` and `truncated`.
    private static let forRest = 128

    /// Returns the space for the page's text or list of links, after `count` bytes of the result.
    static func left(after count: Int) -> Int {
        max(0, WireLimits.maxResultBytes - forRest - count)
    }
}

extension JSONWriter {
    /// Writes `text` as a string of at most `room` bytes, cut at the result of `TextExcerpt.end`.
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
    /// Returns the end of the part of `text` that fits into a JSON string of `room` bytes.
    ///
    /// A text that does not fit is cut after a word. If not even the first word fits, the text is cut between
    /// two characters. A space or a line feed ends a word.
    static func end(in text: Span<UInt8>, room: Int) -> Int {
        // Each byte takes six bytes at most, and the two quotes take one byte each.
        guard text.count > (room - 2) / 6 else { return text.count }
        var left = room - 2
        var wordEnd = 0
        for index in 0..<text.count {
            let byte = text[index]
            if byte == 0x20 || byte == 0x0A { wordEnd = index }
            left -= length(at: index, in: text)
            guard left < 0 else { continue }
            if wordEnd > 0 { return wordEnd }
            var end = index
            // 10xxxxxx is not the first byte of a character (RFC 3629 §3).
            while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
            return end
        }
        return text.count
    }

    /// Returns the number of bytes that the byte at `index` of valid UTF-8 takes in a JSON string.
    ///
    /// A character of two or three bytes can become an escape of six bytes. Then the first byte of the
    /// character counts as five or four bytes, and each later byte counts as one.
    private static func length(at index: Int, in text: Span<UInt8>) -> Int {
        switch text[index] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x09, 0x0A, 0x0D: 2
        case ..<0x20, 0x7F: 6
        case 0xC2, 0xD8: UTF8Check.control(at: index, in: text) == nil ? 1 : 5
        case 0xE2: UTF8Check.control(at: index, in: text) == nil ? 1 : 4
        default: 1
        }
    }
}
