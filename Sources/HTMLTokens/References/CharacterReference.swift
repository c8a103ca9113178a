// SPDX-License-Identifier: MIT
// fetchpool

/// A character reference in a text or an attribute's value, such as `&amp;`, `&#38;` or `&#x26;` (HTML
/// standard 13.2.5.72 to 80).
struct CharacterReference {
    /// The place of a reference; an attribute's value allows fewer references than a text.
    enum Place {
        case text, attribute
    }

    /// The character, and a second character or zero.
    private(set) var scalars: (UInt32, UInt32)
    /// The index after the reference.
    private(set) var end: Int

    /// Reads the reference that begins with the `&` at `start` and ends at or before `limit`; `nil` if there
    /// is none.
    init?(at start: Int, to limit: Int, in page: Span<UInt8>, place: Place) {
        guard start + 1 < limit else { return nil }
        if page[start + 1] == UInt8(ascii: "#") {
            self.init(numberAt: start + 2, to: limit, in: page)
        } else {
            self.init(nameAt: start + 1, to: limit, in: page, place: place)
        }
    }

    private init?(nameAt start: Int, to limit: Int, in page: Span<UInt8>, place: Place) {
        var end = start
        let longest = min(limit, start + NamedReferences.longestName)
        while end < longest, page[end].isASCIIAlphanumeric { end &+= 1 }
        guard end > start else { return nil }
        if end < limit, page[end] == UInt8(ascii: ";"),
            let found = NamedReferences.find(page.extracting(start..<end))
        {
            (scalars, self.end) = (found.scalars, end + 1)
            return
        }
        // Only some names are valid without a semicolon. If several of them match, the longest is used.
        var length = min(end - start, NamedReferences.longestOpenName)
        while length >= 2 {
            let name = start..<start + length
            if let found = NamedReferences.find(page.extracting(name)), found.mayBeOpen {
                guard place == .text || !Self.isQueryName(behind: name.upperBound, limit, page) else {
                    return nil
                }
                (scalars, self.end) = (found.scalars, name.upperBound)
                return
            }
            length -= 1
        }
        return nil
    }

    /// Returns true if the byte after a name shows that the name belongs to a query, as in `?a=1&copy=2`.
    private static func isQueryName(behind end: Int, _ limit: Int, _ page: Span<UInt8>) -> Bool {
        end < limit && (page[end] == UInt8(ascii: "=") || page[end].isASCIIAlphanumeric)
    }

    private init?(numberAt start: Int, to limit: Int, in page: Span<UInt8>) {
        guard start < limit else { return nil }
        let isHexadecimal = page[start] | 0x20 == UInt8(ascii: "x")
        let first = isHexadecimal ? start + 1 : start
        var (end, number) = (first, UInt32(0))
        while end < limit, let digit = Self.digit(page[end], isHexadecimal) {
            // The bound prevents an overflow, and is larger than the number of any character.
            number = min(number * (isHexadecimal ? 16 : 10) + digit, 0x11_0000)
            end += 1
        }
        guard end > first else { return nil }
        if end < limit, page[end] == UInt8(ascii: ";") { end += 1 }
        (scalars, self.end) = ((Self.scalar(number), 0), end)
    }

    private static func digit(_ byte: UInt8, _ isHexadecimal: Bool) -> UInt32? {
        if byte &- 0x30 < 10 { return UInt32(byte &- 0x30) }
        let letter = (byte | 0x20) &- 0x61
        return isHexadecimal && letter < 6 ? UInt32(letter) + 10 : nil
    }

    /// Returns the character for a number (13.2.5.80, "numeric character reference end state").
    private static func scalar(_ number: UInt32) -> UInt32 {
        switch number {
        case 0, 0xD800...0xDFFF, 0x11_0000...: 0xFFFD
        case 0x80...0x9F: windows1252(number)
        default: number
        }
    }

    /// Returns the windows-1252 character that pages mean by a number from 0x80 to 0x9F.
    ///
    /// A number without such a character is returned unchanged.
    private static func windows1252(_ number: UInt32) -> UInt32 {
        switch number {
        case 0x80: 0x20AC
        case 0x82: 0x201A
        case 0x83: 0x0192
        case 0x84: 0x201E
        case 0x85: 0x2026
        case 0x86: 0x2020
        case 0x87: 0x2021
        case 0x88: 0x02C6
        case 0x89: 0x2030
        case 0x8A: 0x0160
        case 0x8B: 0x2039
        case 0x8C: 0x0152
        case 0x8E: 0x017D
        case 0x91: 0x2018
        case 0x92: 0x2019
        case 0x93: 0x201C
        case 0x94: 0x201D
        case 0x95: 0x2022
        case 0x96: 0x2013
        case 0x97: 0x2014
        case 0x98: 0x02DC
        case 0x99: 0x2122
        case 0x9A: 0x0161
        case 0x9B: 0x203A
        case 0x9C: 0x0153
        case 0x9E: 0x017E
        case 0x9F: 0x0178
        default: number
        }
    }
}
