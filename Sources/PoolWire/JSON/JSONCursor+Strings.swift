// SPDX-License-Identifier: MIT
// fetchpool

// Functions that read strings with escapes or characters outside ASCII; and functions that create the
// cursor's errors.
//
// Bounds of the unsafe code here: the cursor's `base` covers `end` bytes.

extension JSONCursor {
    /// Reads the rest of a string and moves past the closing quote; returns `true` if the string has escapes.
    ///
    /// `start` is the position of the first byte that is not plain (`PlainText`), after the opening quote. If
    /// all bytes are plain, `start` is `end`.
    mutating func unusualString(from start: Int) throws(JSONSyntaxError) -> Bool {
        let text = unsafe UnsafeBufferPointer(start: base, count: end).span
        var place = start
        var isEscaped = false
        while place < end {
            switch text[place] {
            case UInt8(ascii: "\""):
                position = place + 1
                return isEscaped
            case UInt8(ascii: "\\"):
                isEscaped = true
                place = try Self.endOfEscape(at: place, in: text)
            case 0..<0x20: throw .controlCharacter(at: place)
            case 0x7F: place += 1
            default:
                guard let next = UTF8Check.endOfScalar(at: place, in: text) else {
                    throw JSONSyntaxError("invalid UTF-8", at: place)
                }
                if UTF8Check.isLineBreak(at: place, in: text) { breaksLines = true }
                place = next
            }
            place = unsafe PlainText.end(from: place, to: end, in: base)
        }
        throw JSONSyntaxError("the text ends inside a string", at: place)
    }

    private static func endOfEscape(
        at position: Int,
        in bytes: Span<UInt8>
    ) throws(JSONSyntaxError) -> Int {
        guard position + 1 < bytes.count else {
            throw JSONSyntaxError("the text ends inside a string", at: position)
        }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return position + 2
        case UInt8(ascii: "u"):
            guard bytes.hexValue(at: position + 2) != nil else {
                throw JSONSyntaxError("\\u needs four hexadecimal digits", at: position)
            }
            return position + 6
        default:
            throw JSONSyntaxError("unknown escape", at: position)
        }
    }
}

// These functions are not inlined, to keep the code of the common path short.
extension JSONSyntaxError {
    @inline(never)
    static func tooDeep(_ limit: Int, at offset: Int) -> Self {
        JSONSyntaxError("\(tooDeep) \(limit)", at: offset)
    }

    @inline(never)
    static func unseparated(at offset: Int, end: Int) -> Self {
        guard offset < end else { return JSONSyntaxError("the text ends inside brackets", at: offset) }
        return JSONSyntaxError("expected ',' or a closing bracket", at: offset)
    }

    @inline(never)
    static func unnamed(at offset: Int) -> Self {
        JSONSyntaxError("expected a name in double quotes", at: offset)
    }

    @inline(never)
    static func withoutColon(at offset: Int) -> Self {
        JSONSyntaxError("expected ':' after a name", at: offset)
    }

    @inline(never)
    static func valueless(at offset: Int, end: Int) -> Self {
        guard offset < end else {
            return JSONSyntaxError("the text ends where a value should be", at: offset)
        }
        return JSONSyntaxError("expected a value", at: offset)
    }

    @inline(never)
    static func digitless(at offset: Int) -> Self { JSONSyntaxError("expected a digit", at: offset) }

    @inline(never)
    static func controlCharacter(at offset: Int) -> Self {
        JSONSyntaxError("a control character in a string must be written as an escape", at: offset)
    }
}
