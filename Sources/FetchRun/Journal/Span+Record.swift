// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension Span<UInt8> {
    /// Returns true if `text` stands at `position`.
    func starts(with text: StaticString, at position: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        return count - position >= length && holds(text, at: position..<position + length)
    }

    /// Returns true if the bytes begin with `text`, or are the beginning of `text`.
    func starts(withPartOf text: StaticString) -> Bool {
        for index in 0..<Swift.min(count, text.utf8CodeUnitCount) {
            // A static string's pointer covers exactly its own bytes.
            let expected = unsafe text.utf8Start[index]
            if self[index] != expected { return false }
        }
        return true
    }

    /// Returns true if an object that is open at `start` is closed by the last byte of the span, and by no
    /// earlier byte.
    ///
    /// The byte at `start` must be outside of all strings, arrays and objects in the object. Apart from
    /// braces and strings, the JSON is not checked.
    func endsObject(from start: Int) -> Bool {
        guard start < count, self[count - 1] == UInt8(ascii: "}") else { return false }
        return unsafe withUnsafeBytes { bytes in
            var (place, position) = (PlaceInObject(), start)
            while position < bytes.count {
                // A word ends before the last byte, which is read alone.
                if position + 8 < bytes.count {
                    let word = unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                    let length = place.pass(UInt64(littleEndian: word))
                    if length > 0 {
                        position += length
                        continue
                    }
                }
                let stop = Swift.min(position + 8, bytes.count)
                while position < stop {
                    let byte = unsafe bytes[position]
                    place.pass(byte)
                    if place.depth == 0 { return position == bytes.count - 1 }
                    position += byte == UInt8(ascii: "\\") ? 2 : 1
                }
            }
            return false
        }
    }
}

/// A place in a JSON object: the number of open objects, and whether the place is in a string.
private struct PlaceInObject {
    private(set) var depth = 1
    /// The exclusive or of the marks (`marks(of:in:)`) of all unescaped quotes before the place.
    ///
    /// The place is in a string if the number of set bits is odd.
    private var quotes: UInt64 = 0

    private var isInString: Bool { Self.count(quotes) & 1 == 1 }

    /// Moves past one byte, which must not be escaped.
    mutating func pass(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): quotes ^= 0x80
        case UInt8(ascii: "{"): if !isInString { depth += 1 }
        case UInt8(ascii: "}"): if !isInString { depth -= 1 }
        default: break
        }
    }

    /// Moves past up to eight bytes; the lowest byte of `word` is the first.
    ///
    /// - Returns: The number of passed bytes. It is 0 if two backslashes follow each other, or if there are
    ///   so many closing braces that all objects can end.
    @inline(__always)
    mutating func pass(_ word: UInt64) -> Int {
        let new = Self.marks(of: UInt8(ascii: "\""), in: word)
        let opening = Self.marks(of: UInt8(ascii: "{"), in: word)
        let closing = Self.marks(of: UInt8(ascii: "}"), in: word)
        let escapes = Self.marks(of: UInt8(ascii: "\\"), in: word)
        guard opening | closing | escapes != 0 else {
            quotes ^= new
            return 8
        }
        return pass(quotes: new & ~(escapes &<< 8), opening, closing, escapes)
    }

    @inline(__always)
    private mutating func pass(
        quotes new: UInt64,
        _ opening: UInt64,
        _ closing: UInt64,
        _ escapes: UInt64
    ) -> Int {
        guard escapes & (escapes &<< 8) == 0 else { return 0 }
        if opening | closing != 0 {
            // After the shifts, a byte has a mark if the number of quotes up to this byte is odd.
            var inside = new
            inside ^= inside &<< 8
            inside ^= inside &<< 16
            inside ^= inside &<< 32
            if isInString { inside ^= Self.allMarks }
            let closed = Self.count(closing & ~inside)
            guard closed < depth else { return 0 }
            depth += Self.count(opening & ~inside) - closed
        }
        quotes ^= new
        // A backslash at the end is left for the next word, together with the byte that it escapes.
        return escapes &>> 63 == 1 ? 7 : 8
    }

    private static let allMarks: UInt64 = 0x8080_8080_8080_8080

    /// Returns a word that has 0x80 at each place where `word` has the byte `byte`, and 0 elsewhere.
    private static func marks(of byte: UInt8, in word: UInt64) -> UInt64 {
        let difference = word ^ (UInt64(byte) &* 0x0101_0101_0101_0101)
        // The sum sets the high bit of each byte whose lower seven bits in `difference` are not 0. No byte
        // carries into the next.
        return ~((difference & ~allMarks) &+ ~allMarks | difference) & allMarks
    }

    private static func count(_ marks: UInt64) -> Int {
        Int(((marks &>> 7) &* 0x0101_0101_0101_0101) &>> 56)
    }
}
