// SPDX-License-Identifier: MIT
// fetchpool

/// The classes of bytes in HTML's syntax.
///
/// A carriage return counts as a blank, because the standard replaces it by a line feed before tokenization
/// ("normalizing newlines").
extension UInt8 {
    /// True for tab, line feed, form feed, carriage return and space.
    @inline(__always)
    var isHTMLBlank: Bool { isOne(of: Self.blanks) }

    /// True for a byte that ends a tag's name: a blank, `/` or `>`.
    @inline(__always)
    var endsTagName: Bool { isOne(of: Self.blanks | Self.bit("/") | Self.bit(">")) }

    /// True for a byte that ends an attribute's name: a blank, `/`, `>` or `=`.
    @inline(__always)
    var endsAttributeName: Bool { isOne(of: Self.blanks | Self.bit("/") | Self.bit(">") | Self.bit("=")) }

    /// True for a byte that ends a value without quotation marks: a blank or `>`.
    @inline(__always)
    var endsUnquotedValue: Bool { isOne(of: Self.blanks | Self.bit(">")) }

    /// True for A to Z and a to z.
    @inline(__always)
    var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }

    /// True for ASCII letters and digits.
    @inline(__always)
    var isASCIIAlphanumeric: Bool { isASCIILetter || self &- 0x30 < 10 }

    /// The byte, with A to Z converted to a to z.
    @inline(__always)
    var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    // A set of bytes below 64 is a 64-bit number, with one bit for each byte.
    private static var blanks: UInt64 { 1 << 0x09 | 1 << 0x0A | 1 << 0x0C | 1 << 0x0D | 1 << 0x20 }

    @inline(__always)
    private static func bit(_ character: Unicode.Scalar) -> UInt64 { 1 << UInt64(character.value) }

    @inline(__always)
    private func isOne(of set: UInt64) -> Bool { self < 64 && set &>> UInt64(self) & 1 != 0 }
}

extension Span where Element == UInt8 {
    /// Returns true if `word` is at `start` in any letter case; `word` itself must be in lower case.
    func hasWord(_ word: StaticString, at start: Int) -> Bool {
        // The buffer covers exactly the bytes of the static string, which are never freed.
        word.withUTF8Buffer { bytes in
            let word = unsafe bytes.span
            guard word.count <= count - start else { return false }
            for index in word.indices where self[start + index].asciiLowercased != word[index] {
                return false
            }
            return true
        }
    }

    /// Returns true if exactly the bytes of `expected` are at `start`.
    @inline(__always)
    func hasBytes(_ expected: StaticString, at start: Int) -> Bool {
        expected.withUTF8Buffer { bytes in
            let expected = unsafe bytes.span
            guard expected.count <= count - start else { return false }
            for index in expected.indices where self[start + index] != expected[index] { return false }
            return true
        }
    }

    /// Returns the index of the first byte at or after `start` that is not a blank; the count if there is
    /// none.
    @inline(__always)
    func indexBehindBlanks(from start: Int) -> Int {
        var index = start
        while index < count, self[index].isHTMLBlank { index &+= 1 }
        return index
    }
}
