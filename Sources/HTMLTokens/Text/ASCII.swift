// SPDX-License-Identifier: MIT
// fetchpool

/// The classes of bytes that HTML's syntax knows.
///
/// A carriage return is a line feed by the time the standard's tokenizer sees it ("normalizing newlines"), so
/// it counts as a blank.
extension UInt8 {
    /// True for tab, line feed, form feed, carriage return and space.
    @inline(__always)
    var isHTMLBlank: Bool { isOne(of: Self.blanks) }

    /// True for what ends a tag's name: a blank, `/` or `>`.
    @inline(__always)
    var endsTagName: Bool { isOne(of: Self.blanks | Self.bit("/") | Self.bit(">")) }

    /// True for what ends an attribute's name: a blank, `/`, `>` or `=`.
    @inline(__always)
    var endsAttributeName: Bool { isOne(of: Self.blanks | Self.bit("/") | Self.bit(">") | Self.bit("=")) }

    /// True for what ends a value without quotation marks: a blank or `>`.
    @inline(__always)
    var endsUnquotedValue: Bool { isOne(of: Self.blanks | Self.bit(">")) }

    /// True for A to Z and a to z.
    @inline(__always)
    var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }

    /// True for ASCII letters and digits.
    @inline(__always)
    var isASCIIAlphanumeric: Bool { isASCIILetter || self &- 0x30 < 10 }

    /// The byte with A to Z as a to z.
    @inline(__always)
    var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    // All of these bytes are below 64, so a class of them is a number with a bit for each.
    private static var blanks: UInt64 { 1 << 0x09 | 1 << 0x0A | 1 << 0x0C | 1 << 0x0D | 1 << 0x20 }

    @inline(__always)
    private static func bit(_ character: Unicode.Scalar) -> UInt64 { 1 << UInt64(character.value) }

    @inline(__always)
    private func isOne(of set: UInt64) -> Bool { self < 64 && set &>> UInt64(self) & 1 != 0 }
}

extension Span where Element == UInt8 {
    /// True where `word`, which is in lower case, stands at `start` in any letter case.
    func hasWord(_ word: StaticString, at start: Int) -> Bool {
        // The bytes are static and as many as the string says.
        word.withUTF8Buffer { bytes in
            let word = unsafe bytes.span
            guard word.count <= count - start else { return false }
            for index in word.indices where self[start + index].asciiLowercased != word[index] {
                return false
            }
            return true
        }
    }

    /// True where exactly these bytes stand at `start`.
    @inline(__always)
    func hasBytes(_ expected: StaticString, at start: Int) -> Bool {
        expected.withUTF8Buffer { bytes in
            let expected = unsafe bytes.span
            guard expected.count <= count - start else { return false }
            for index in expected.indices where self[start + index] != expected[index] { return false }
            return true
        }
    }

    /// Returns the index of the first byte at or after `start` that is no blank; the count if there is none.
    @inline(__always)
    func indexBehindBlanks(from start: Int) -> Int {
        var index = start
        while index < count, self[index].isHTMLBlank { index &+= 1 }
        return index
    }
}
