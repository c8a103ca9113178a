// SPDX-License-Identifier: MIT
// fetchpool

/// Text with the blanks that a reader of a page sees.
///
/// A run of blanks becomes one space. A run with a line break (`breakLine`) becomes one line feed. The text
/// has no blanks at either end.
///
/// Blanks are the characters with Unicode's White_Space property. A line feed in the added text is only a
/// blank. All text is UTF-8.
struct CollapsedText {
    private enum Gap {
        case none, space, line
    }

    /// The text so far.
    private(set) var bytes: [UInt8] = []
    /// The number of words: runs without blanks.
    private(set) var words = 0
    private var gap = Gap.none

    /// The text as a string.
    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Ends the current line, if the line has text.
    mutating func breakLine() {
        gap = .line
    }

    /// Separates the next text from the text so far, with a space unless the line ends.
    mutating func breakWord() {
        if gap == .none { gap = .space }
    }

    mutating func append(_ text: Span<UInt8>) {
        var position = 0
        while position < text.count {
            let blank = Self.blankLength(at: position, in: text)
            if blank > 0 {
                breakWord()
                position += blank
                // Most blanks are the indentation of tags.
                while position < text.count, text[position] == 0x20 { position &+= 1 }
            } else {
                let end = endOfPhrase(at: position, in: text)
                appendPhrase(text.extracting(position..<end))
                position = end
            }
        }
    }

    /// Returns the end of the phrase at `position`: words with one plain space between them.
    ///
    /// Most text consists of such phrases, which are copied unchanged. The function adds 1 to `words` for
    /// each of these spaces.
    private mutating func endOfPhrase(at position: Int, in text: Span<UInt8>) -> Int {
        var end = position + 1
        while end < text.count {
            if text[end] &- 0x21 < 0x5F {
                end &+= 1
                continue
            }
            let blank = Self.blankLength(at: end, in: text)
            if blank > 0 {
                guard text[end] == 0x20, end + 1 < text.count, Self.blankLength(at: end + 1, in: text) == 0
                else {
                    break
                }
                words += 1
            }
            end += 1
        }
        return end
    }

    private mutating func appendPhrase(_ phrase: Span<UInt8>) {
        if bytes.isEmpty || gap != .none {
            words += 1
            if !bytes.isEmpty { bytes.append(gap == .line ? 0x0A : 0x20) }
            gap = .none
        }
        // The buffer is used only during the call, and covers the phrase.
        unsafe phrase.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    /// Returns the length of the blank at `position` in bytes; 0 if there is none.
    private static func blankLength(at position: Int, in text: Span<UInt8>) -> Int {
        let byte = text[position]
        if byte < 0x80 { return byte == 0x20 || byte &- 0x09 < 5 ? 1 : 0 }
        guard byte == 0xC2 || byte & 0xFC == 0xE0 else { return 0 }
        return longBlankLength(at: position, in: text)
    }

    private static func longBlankLength(at position: Int, in text: Span<UInt8>) -> Int {
        guard position + 1 < text.count else { return 0 }
        let second = text[position + 1]
        if text[position] == 0xC2 { return second == 0x85 || second == 0xA0 ? 2 : 0 }
        guard position + 2 < text.count else { return 0 }
        switch (text[position], second, text[position + 2]) {
        case (0xE1, 0x9A, 0x80), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8...0xA9), (0xE2, 0x80, 0xAF),
            (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80):
            return 3
        default: return 0
        }
    }
}
