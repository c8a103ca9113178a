// SPDX-License-Identifier: MIT
// fetchpool

/// Walks a JSON text over bytes, checks it strictly to RFC 8259, and says where values lie.
///
/// It builds no tree and copies nothing: callers take the few members they need and pass the rest on as the bytes
/// they came as. Strings must be valid UTF-8; a `\u` escape may stand alone as a surrogate, as the grammar allows.
package struct JSONScanner: Sendable {
    /// How deep arrays and objects may nest (RFC 8259 §9 lets a reader set a limit).
    package static let maxDepth = 512

    /// Where the scanner stands.
    package private(set) var offset: Int

    /// Stands a scanner at `offset`.
    package init(at offset: Int = 0) {
        self.offset = offset
    }

    /// Reads a whole text: one value with nothing but blanks around it.
    ///
    /// - Throws: `JSONSyntaxError` at the first byte that RFC 8259 does not allow there.
    package static func document(
        in bytes: Span<UInt8>,
        range: Range<Int>
    ) throws(JSONSyntaxError) -> JSONValue {
        var scanner = JSONScanner(at: range.lowerBound)
        let text = range.upperBound == bytes.count ? bytes : bytes.extracting(0..<range.upperBound)
        let value = try scanner.value(in: text)
        try scanner.finish(in: text)
        return value
    }

    /// Checks that nothing but blanks follows.
    ///
    /// - Throws: `JSONSyntaxError` if anything does.
    package mutating func finish(in bytes: Span<UInt8>) throws(JSONSyntaxError) {
        skipBlanks(in: bytes)
        guard offset == bytes.count else {
            throw JSONSyntaxError("unexpected text after the value", at: offset)
        }
    }

    /// Reads the value that begins here, after blanks, and stands behind it.
    ///
    /// - Throws: `JSONSyntaxError` where the value breaks the grammar, ends early or nests too deep.
    package mutating func value(in bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        try value(in: bytes, depth: 0)
    }

    /// Steps over an object's opening brace, or to its first member.
    ///
    /// - Throws: `JSONSyntaxError` if no object begins here.
    package mutating func enterObject(in bytes: Span<UInt8>) throws(JSONSyntaxError) {
        skipBlanks(in: bytes)
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "{") else {
            throw JSONSyntaxError("expected an object", at: offset)
        }
        offset += 1
    }

    /// Reads the next member of the object that was entered; `nil`, and behind the brace, at its end.
    ///
    /// - Throws: `JSONSyntaxError` where the object breaks the grammar.
    package mutating func nextMember(in bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONMember? {
        try nextMember(in: bytes, depth: 1)
    }

    /// Steps over an array's opening bracket.
    ///
    /// - Throws: `JSONSyntaxError` if no array begins here.
    package mutating func enterArray(in bytes: Span<UInt8>) throws(JSONSyntaxError) {
        skipBlanks(in: bytes)
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "[") else {
            throw JSONSyntaxError("expected an array", at: offset)
        }
        offset += 1
    }

    /// Reads the next element of the array that was entered; `nil`, and behind the bracket, at its end.
    ///
    /// - Throws: `JSONSyntaxError` where the array breaks the grammar.
    package mutating func nextElement(in bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONValue? {
        try nextElement(in: bytes, depth: 1)
    }

    // MARK: Structure

    private mutating func value(in bytes: Span<UInt8>, depth: Int) throws(JSONSyntaxError) -> JSONValue {
        skipBlanks(in: bytes)
        let start = offset
        guard start < bytes.count else {
            throw JSONSyntaxError("the text ends where a value should be", at: start)
        }
        switch bytes[start] {
        case UInt8(ascii: "\""):
            let isEscaped = try string(in: bytes)
            return JSONValue(kind: .string, range: start..<offset, isEscaped: isEscaped)
        case UInt8(ascii: "{"):
            guard depth < Self.maxDepth else { throw JSONSyntaxError("nested deeper than 512", at: start) }
            offset += 1
            while try nextMember(in: bytes, depth: depth + 1) != nil {}
            return JSONValue(kind: .object, range: start..<offset)
        case UInt8(ascii: "["):
            guard depth < Self.maxDepth else { throw JSONSyntaxError("nested deeper than 512", at: start) }
            offset += 1
            while try nextElement(in: bytes, depth: depth + 1) != nil {}
            return JSONValue(kind: .array, range: start..<offset)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number(in: bytes)
            return JSONValue(kind: .number, range: start..<offset)
        case UInt8(ascii: "t"): return try literal("true", .true, in: bytes)
        case UInt8(ascii: "f"): return try literal("false", .false, in: bytes)
        case UInt8(ascii: "n"): return try literal("null", .null, in: bytes)
        default: throw JSONSyntaxError("expected a value", at: start)
        }
    }

    private mutating func nextMember(in bytes: Span<UInt8>, depth: Int) throws(JSONSyntaxError) -> JSONMember?
    {
        guard try separator(closing: UInt8(ascii: "}"), opening: UInt8(ascii: "{"), in: bytes) else {
            return nil
        }
        let start = offset
        guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else {
            throw JSONSyntaxError("expected a name in double quotes", at: start)
        }
        let isEscaped = try string(in: bytes)
        let name = JSONValue(kind: .string, range: start..<offset, isEscaped: isEscaped)
        skipBlanks(in: bytes)
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: ":") else {
            throw JSONSyntaxError("expected ':' after a name", at: offset)
        }
        offset += 1
        return JSONMember(name: name, value: try value(in: bytes, depth: depth))
    }

    private mutating func nextElement(in bytes: Span<UInt8>, depth: Int) throws(JSONSyntaxError) -> JSONValue?
    {
        guard try separator(closing: UInt8(ascii: "]"), opening: UInt8(ascii: "["), in: bytes) else {
            return nil
        }
        return try value(in: bytes, depth: depth)
    }

    /// Steps to the next member or element.
    ///
    /// Whether a comma is due follows from the byte before: only directly after the opening bracket is none.
    private mutating func separator(
        closing: UInt8,
        opening: UInt8,
        in bytes: Span<UInt8>
    ) throws(JSONSyntaxError) -> Bool {
        let isFirst = bytes[offset - 1] == opening
        skipBlanks(in: bytes)
        guard offset < bytes.count else { throw JSONSyntaxError("the text ends inside brackets", at: offset) }
        if bytes[offset] == closing {
            offset += 1
            return false
        }
        if isFirst { return true }
        guard bytes[offset] == UInt8(ascii: ",") else {
            throw JSONSyntaxError("expected ',' or a closing bracket", at: offset)
        }
        offset += 1
        skipBlanks(in: bytes)
        return true
    }

    // MARK: Leaves

    private mutating func literal(
        _ text: StaticString,
        _ kind: JSONValue.Kind,
        in bytes: Span<UInt8>
    ) throws(JSONSyntaxError) -> JSONValue {
        let range = offset..<offset + text.utf8CodeUnitCount
        guard range.upperBound <= bytes.count, bytes.holds(text, at: range) else {
            throw JSONSyntaxError("expected a value", at: offset)
        }
        offset = range.upperBound
        return JSONValue(kind: kind, range: range)
    }

    private mutating func number(in bytes: Span<UInt8>) throws(JSONSyntaxError) {
        if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "0") {
            offset += 1
        } else {
            try digits(in: bytes)
        }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            try digits(in: bytes)
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-")
            {
                offset += 1
            }
            try digits(in: bytes)
        }
    }

    private mutating func digits(in bytes: Span<UInt8>) throws(JSONSyntaxError) {
        let start = offset
        while offset < bytes.count, bytes[offset] &- UInt8(ascii: "0") < 10 { offset += 1 }
        guard offset > start else { throw JSONSyntaxError("expected a digit", at: start) }
    }

    /// Reads a string from its opening quote; answers whether it holds escapes.
    private mutating func string(in bytes: Span<UInt8>) throws(JSONSyntaxError) -> Bool {
        var position = offset + 1
        var isEscaped = false
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                offset = position + 1
                return isEscaped
            case UInt8(ascii: "\\"):
                isEscaped = true
                position = try endOfEscape(at: position, in: bytes)
            case 0..<0x20:
                throw JSONSyntaxError(
                    "a control character in a string must be written as an escape",
                    at: position
                )
            case 0x20..<0x80:
                position += 1
            default:
                guard let next = UTF8Check.endOfScalar(at: position, in: bytes) else {
                    throw JSONSyntaxError("invalid UTF-8", at: position)
                }
                position = next
            }
        }
        throw JSONSyntaxError("the text ends inside a string", at: position)
    }

    private func endOfEscape(at position: Int, in bytes: Span<UInt8>) throws(JSONSyntaxError) -> Int {
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

    private mutating func skipBlanks(in bytes: Span<UInt8>) {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }
}
