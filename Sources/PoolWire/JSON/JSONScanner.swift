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
    /// True once a character was passed at which some readers end a line; see `SingleLine`.
    package private(set) var breaksLines = false
    private let maxDepth: Int

    /// Stands a scanner at `offset`; from there on arrays and objects may nest `maxDepth` deep.
    package init(at offset: Int = 0, maxDepth: Int = Self.maxDepth) {
        (self.offset, self.maxDepth) = (offset, maxDepth)
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
        if offset < bytes.count { try walk(bytes) { $0.skipBlanks() } }
        guard offset == bytes.count else {
            throw JSONSyntaxError("unexpected text after the value", at: offset)
        }
    }

    /// Reads the value that begins here, after blanks, and stands behind it.
    ///
    /// - Throws: `JSONSyntaxError` where the value breaks the grammar, ends early or nests too deep.
    package mutating func value(in bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        try walk(bytes) { cursor throws(JSONSyntaxError) in try cursor.value(depth: 0) }
    }

    /// Steps over an object's opening brace, or to its first member.
    ///
    /// - Throws: `JSONSyntaxError` if no object begins here.
    package mutating func enterObject(in bytes: Span<UInt8>) throws(JSONSyntaxError) {
        guard try opens(bytes, UInt8(ascii: "{")) else {
            throw JSONSyntaxError("expected an object", at: offset)
        }
        offset += 1
    }

    /// Reads the next member of the object that was entered; `nil`, and behind the brace, at its end.
    ///
    /// - Throws: `JSONSyntaxError` where the object breaks the grammar.
    package mutating func nextMember(in bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONMember? {
        // Only directly after the opening brace is no comma due.
        let isFirst = bytes[offset - 1] == UInt8(ascii: "{")
        return try walk(bytes) { cursor throws(JSONSyntaxError) in
            try cursor.nextMember(isFirst: isFirst, depth: 1)
        }
    }

    /// Reads the next member as `nextMember(in:)` does; the value of one called `name` may itself nest `levels` deep, whatever stands
    /// around it.
    ///
    /// - Throws: `JSONSyntaxError` where the object breaks the grammar, or that value nests too deep.
    package mutating func nextMember(
        in bytes: Span<UInt8>,
        limiting name: StaticString,
        to levels: Int
    ) throws(JSONSyntaxError) -> JSONMember? {
        let isFirst = bytes[offset - 1] == UInt8(ascii: "{")
        return try walk(bytes) { cursor throws(JSONSyntaxError) in
            guard let found = try cursor.nextName(isFirst: isFirst) else { return nil }
            let isLimited = bytes.isText(found, name)
            let value = isLimited ? try cursor.value(within: levels) : try cursor.value(depth: 1)
            return JSONMember(name: found, value: value)
        }
    }

    /// Steps over an array's opening bracket.
    ///
    /// - Throws: `JSONSyntaxError` if no array begins here.
    package mutating func enterArray(in bytes: Span<UInt8>) throws(JSONSyntaxError) {
        guard try opens(bytes, UInt8(ascii: "[")) else {
            throw JSONSyntaxError("expected an array", at: offset)
        }
        offset += 1
    }

    /// Reads the next element of the array that was entered; `nil`, and behind the bracket, at its end.
    ///
    /// - Throws: `JSONSyntaxError` where the array breaks the grammar.
    package mutating func nextElement(in bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONValue? {
        let isFirst = bytes[offset - 1] == UInt8(ascii: "[")
        return try walk(bytes) { cursor throws(JSONSyntaxError) in
            try cursor.nextElement(isFirst: isFirst, depth: 1)
        }
    }

    /// Steps over blanks; returns whether `bracket` stands behind them.
    private mutating func opens(_ bytes: Span<UInt8>, _ bracket: UInt8) throws(JSONSyntaxError) -> Bool {
        guard offset < bytes.count else { return false }
        return try walk(bytes) { cursor in
            cursor.skipBlanks()
            return cursor.byte == bracket
        }
    }

    /// Lends what walks the text, and stands where that stood last.
    @inline(__always)
    private mutating func walk<Result>(
        _ bytes: Span<UInt8>,
        _ body: (inout JSONCursor) throws(JSONSyntaxError) -> Result
    ) throws(JSONSyntaxError) -> Result {
        precondition(offset >= 0, "a scanner in front of its text")
        return try unsafe bytes.withUnsafeBufferPointer { buffer throws(JSONSyntaxError) in
            guard let base = buffer.baseAddress else { throw .valueless(at: offset, end: 0) }
            // The buffer lives for the call and covers its count.
            var cursor = unsafe JSONCursor(base, end: buffer.count, at: offset, maxDepth: maxDepth)
            defer {
                offset = cursor.position
                if cursor.breaksLines { breaksLines = true }
            }
            return try body(&cursor)
        }
    }
}
