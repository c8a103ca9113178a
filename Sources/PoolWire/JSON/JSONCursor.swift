// SPDX-License-Identifier: MIT
// fetchpool

/// A cursor that reads a JSON text through a pointer and checks the text strictly (RFC 8259).
///
/// Bounds of the unsafe code here: `base` covers `end` bytes as long as the cursor exists. Each byte is read
/// only after its position was compared with `end`.
@safe
struct JSONCursor {
    let base: UnsafePointer<UInt8>
    let end: Int
    /// The index of the next byte.
    var position: Int
    /// The largest allowed number of nested arrays and objects.
    var maxDepth: Int
    /// True if the cursor has passed a character that `SingleLine.copy` replaces.
    var breaksLines = false

    /// Creates a cursor at `position` in a text of `end` bytes.
    @inline(__always)
    init(
        _ base: UnsafePointer<UInt8>,
        end: Int,
        at position: Int,
        maxDepth: Int = JSONScanner.maxDepth
    ) {
        unsafe self.base = base
        (self.end, self.position, self.maxDepth) = (end, position, maxDepth)
    }

    /// The byte at the cursor; 0 at the end, a byte that valid JSON never contains.
    @inline(__always)
    var byte: UInt8 { position < end ? unsafe base[position] : 0 }

    // MARK: Structure

    /// Reads the value after any blanks, and moves past it.
    ///
    /// `depth` is the number of arrays and objects around the value that count toward `maxDepth`.
    mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        skipBlanks()
        let start = position
        switch byte {
        case UInt8(ascii: "\""):
            let isEscaped = try string()
            return JSONValue(kind: .string, range: start..<position, isEscaped: isEscaped)
        case UInt8(ascii: "{"):
            try skipObject(depth: depth)
            return JSONValue(kind: .object, range: start..<position)
        case UInt8(ascii: "["):
            try skipArray(depth: depth)
            return JSONValue(kind: .array, range: start..<position)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number()
            return JSONValue(kind: .number, range: start..<position)
        default: return try literal()
        }
    }

    /// Reads the value after any blanks; in this value, at most `levels` arrays and objects may nest.
    ///
    /// The value itself counts; arrays and objects around the value do not count.
    mutating func value(within levels: Int) throws(JSONSyntaxError) -> JSONValue {
        let outer = maxDepth
        maxDepth = levels
        defer { maxDepth = outer }
        return try value(depth: 0)
    }

    /// Reads the next member of an object; at the end, moves past the brace and returns `nil`.
    mutating func nextMember(isFirst: Bool, depth: Int) throws(JSONSyntaxError) -> JSONMember? {
        guard let name = try nextName(isFirst: isFirst) else { return nil }
        return JSONMember(name: name, value: try value(depth: depth))
    }

    /// Reads the name of the next member of an object, and the colon; at the end, moves past the brace and
    /// returns `nil`.
    @inline(__always)
    mutating func nextName(isFirst: Bool) throws(JSONSyntaxError) -> JSONValue? {
        guard try separator(closing: UInt8(ascii: "}"), isFirst: isFirst) else { return nil }
        let start = position
        let isEscaped = try name()
        let name = JSONValue(kind: .string, range: start..<position, isEscaped: isEscaped)
        try colon()
        return name
    }

    /// Reads the next element of an array; at the end, moves past the bracket and returns `nil`.
    mutating func nextElement(isFirst: Bool, depth: Int) throws(JSONSyntaxError) -> JSONValue? {
        guard try separator(closing: UInt8(ascii: "]"), isFirst: isFirst) else { return nil }
        return try value(depth: depth)
    }

    /// Skips the object at the cursor.
    mutating func skipObject(depth: Int) throws(JSONSyntaxError) {
        guard depth < maxDepth else { throw .tooDeep(maxDepth, at: position) }
        position += 1
        guard try separator(closing: UInt8(ascii: "}"), isFirst: true) else { return }
        repeat {
            _ = try name()
            try colon()
            // Most values are strings. For a string directly after the colon, this test avoids a call of the
            // recursive `skipValue`.
            if byte == UInt8(ascii: "\"") { _ = try string() } else { try skipValue(depth: depth + 1) }
        } while try separator(closing: UInt8(ascii: "}"), isFirst: false)
    }

    private mutating func skipArray(depth: Int) throws(JSONSyntaxError) {
        guard depth < maxDepth else { throw .tooDeep(maxDepth, at: position) }
        position += 1
        guard try separator(closing: UInt8(ascii: "]"), isFirst: true) else { return }
        repeat {
            try skipValue(depth: depth + 1)
        } while try separator(closing: UInt8(ascii: "]"), isFirst: false)
    }

    @inline(__always)
    private mutating func skipValue(depth: Int) throws(JSONSyntaxError) {
        skipBlanks()
        switch byte {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"): try skipObject(depth: depth)
        case UInt8(ascii: "["): try skipArray(depth: depth)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: _ = try literal()
        }
    }

    /// Moves to the next member or element; at the end, moves past `closing` and returns `false`.
    @inline(__always)
    private mutating func separator(closing: UInt8, isFirst: Bool) throws(JSONSyntaxError) -> Bool {
        skipBlanks()
        if byte == closing {
            position += 1
            return false
        }
        if isFirst && position < end { return true }
        guard byte == UInt8(ascii: ",") else { throw .unseparated(at: position, end: end) }
        position += 1
        skipBlanks()
        return true
    }

    @inline(__always)
    private mutating func name() throws(JSONSyntaxError) -> Bool {
        guard byte == UInt8(ascii: "\"") else { throw .unnamed(at: position) }
        return try string()
    }

    @inline(__always)
    private mutating func colon() throws(JSONSyntaxError) {
        skipBlanks()
        guard byte == UInt8(ascii: ":") else { throw .withoutColon(at: position) }
        position += 1
    }

    /// Skips blanks (RFC 8259 §2).
    @inline(__always)
    mutating func skipBlanks() {
        if byte <= 0x20 { skipFoundBlanks() }
    }

    private mutating func skipFoundBlanks() {
        while position < end {
            switch unsafe base[position] {
            case 0x20, 0x09, 0x0A: position += 1
            case 0x0D:
                breaksLines = true
                position += 1
            default: return
            }
        }
    }

    // MARK: Literals, numbers and strings

    private mutating func literal() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        let kind: JSONValue.Kind
        if take("true") {
            kind = .true
        } else if take("false") {
            kind = .false
        } else if take("null") {
            kind = .null
        } else {
            throw .valueless(at: position, end: end)
        }
        return JSONValue(kind: kind, range: start..<position)
    }

    /// Reads a number from its first byte, a digit or the sign.
    @inline(__always)
    mutating func number() throws(JSONSyntaxError) {
        if byte == UInt8(ascii: "-") { position += 1 }
        if byte == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        guard byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") else { return }
        try fractionAndExponent()
    }

    private mutating func fractionAndExponent() throws(JSONSyntaxError) {
        if byte == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        guard byte | 0x20 == UInt8(ascii: "e") else { return }
        position += 1
        if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
        try digits()
    }

    @inline(__always)
    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while byte &- UInt8(ascii: "0") < 10 { position &+= 1 }
        guard position > start else { throw .digitless(at: start) }
    }

    /// Reads a string from its opening quote; returns `true` if the string has escapes.
    @inline(__always)
    mutating func string() throws(JSONSyntaxError) -> Bool {
        let stop = unsafe PlainText.end(from: position &+ 1, to: end, in: base)
        if stop < end, unsafe base[stop] == UInt8(ascii: "\"") {
            position = stop &+ 1
            return false
        }
        return try unusualString(from: stop)
    }

    /// Skips `text` and returns `true` if the cursor is at this text; otherwise returns `false`.
    @inline(__always)
    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard count <= end &- position, unsafe PlainText.isEqual(base + position, text.utf8Start, count)
        else {
            return false
        }
        position &+= count
        return true
    }
}
