// SPDX-License-Identifier: MIT
// fetchpool

/// Functions that make sure that a JSON text without line feeds is one line, even for programs that end lines
/// at other characters.
///
/// Python's text files also end a line at a carriage return. Python's `splitlines` also ends a line at
/// U+0085, U+2028 and U+2029. RFC 8259 allows a carriage return between values, and the other three
/// characters in strings.
package enum SingleLine {
    /// Returns `true` for a valid JSON text that `copy` would change.
    package static func isNeeded(for json: Span<UInt8>) -> Bool {
        for index in json.indices {
            let byte = json[index]
            if byte == 0x0D { return true }
            // In UTF-8, U+0085, U+2028 and U+2029 begin with one of these bytes.
            guard byte == 0xC2 || byte == 0xE2 else { continue }
            if UTF8Check.isLineBreak(at: index, in: json) { return true }
        }
        return false
    }

    /// Returns a copy of a JSON text in which a space replaces each carriage return, and an escape replaces
    /// each U+0085, U+2028 and U+2029.
    package static func copy(of json: Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(json.count + 16)
        var position = 0
        while position < json.count {
            let byte = json[position]
            if byte == 0x0D {
                copy.append(0x20)
            } else if byte >= 0x80, let end = UTF8Check.endOfScalar(at: position, in: json) {
                if UTF8Check.isLineBreak(at: position, in: json) {
                    copy.append(contentsOf: escape(byte: json[end - 1]).utf8)
                } else {
                    for index in position..<end { copy.append(json[index]) }
                }
                position = end
                continue
            } else {
                copy.append(byte)
            }
            position += 1
        }
        return copy
    }

    /// Returns the escape of the line break (U+0085, U+2028 or U+2029) whose last byte in UTF-8 is `byte`.
    static func escape(byte: UInt8) -> String {
        switch byte {
        case 0xA8: "\\u2028"
        case 0xA9: "\\u2029"
        default: "\\u0085"
        }
    }
}
