// SPDX-License-Identifier: MIT
// fetchpool

/// Searches for ASCII markup in a page whose encoding is not yet known.
enum MarkupBytes {
    /// Returns true for ASCII whitespace.
    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool {
        byte <= 0x20 && (byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0C || byte == 0x0D)
    }

    /// Returns true for an ASCII letter.
    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    /// Returns the first position of `byte` at or after `start`; `nil` if there is none.
    static func index(of byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int? {
        var position = start
        while position < bytes.count {
            if bytes[position] == byte { return position }
            position += 1
        }
        return nil
    }

    /// Returns the first position of `word` at or after `start`, in any letter case; `nil` if there is none.
    ///
    /// `word` must be in lower case.
    static func index(of word: StaticString, in bytes: Span<UInt8>, from start: Int) -> Int? {
        var position = start
        while position + word.utf8CodeUnitCount <= bytes.count {
            if has(word, at: position, in: bytes) { return position }
            position += 1
        }
        return nil
    }

    /// Returns the first position of `<meta` at or after `start`, in any letter case; `nil` if there is none.
    static func indexOfMeta(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var position = start
        while position + 5 <= bytes.count {
            let blockEnd = min(position + 32, bytes.count - 4)
            if mayBeginMeta(bytes.extracting(position..<blockEnd + 1)) {
                while position < blockEnd {
                    if bytes[position] == UInt8(ascii: "<"), has("<meta", at: position, in: bytes) {
                        return position
                    }
                    position += 1
                }
            }
            position = blockEnd
        }
        return nil
    }

    /// Returns true if the block contains `<m`, in any letter case.
    @inline(__always)
    private static func mayBeginMeta(_ block: Span<UInt8>) -> Bool {
        // The compiler can vectorize this loop because the loop has no early exit.
        var hits: UInt8 = 0
        for index in 0..<block.count - 1 {
            hits |=
                (block[index] == UInt8(ascii: "<") ? 1 : 0)
                & (block[index + 1] | 0x20 == UInt8(ascii: "m") ? 1 : 0)
        }
        return hits != 0
    }

    /// Returns true if `word` is at `position`, in any letter case; `word` must be in lower case.
    static func has(_ word: StaticString, at position: Int, in bytes: Span<UInt8>) -> Bool {
        guard position + word.utf8CodeUnitCount <= bytes.count else { return false }
        // A static string's pointer is valid for `utf8CodeUnitCount` bytes.
        let letters = unsafe UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount).span
        for index in letters.indices {
            let byte = bytes[position + index]
            guard (byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte) == letters[index] else {
                return false
            }
        }
        return true
    }

    /// Returns true if the bytes of `range` are `word`, in any letter case; `word` must be in lower case.
    static func equals(_ word: StaticString, _ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        range.count == word.utf8CodeUnitCount && has(word, at: range.lowerBound, in: bytes)
    }

    /// Returns the position after the comment that begins with `<!--` at `start`; `nil` if the comment does
    /// not end.
    ///
    /// The hyphens of `<!--` can also end the comment, as in `<!-->`. `--!>` ends the comment only if
    /// `parserRules` is true: a browser's parser has this rule, but the prescan for the encoding has not.
    static func endOfComment(at start: Int, in bytes: Span<UInt8>, parserRules: Bool) -> Int? {
        var position = start + 4
        while let close = index(of: UInt8(ascii: ">"), in: bytes, from: position) {
            let hyphen = UInt8(ascii: "-")
            if bytes[close - 1] == hyphen, bytes[close - 2] == hyphen { return close + 1 }
            if parserRules, close >= start + 7, bytes[close - 1] == UInt8(ascii: "!"),
                bytes[close - 2] == hyphen,
                bytes[close - 3] == hyphen
            {
                return close + 1
            }
            position = close + 1
        }
        return nil
    }
}
