// SPDX-License-Identifier: MIT
// fetchpool

/// A scanner that checks a JSON text strictly (RFC 8259) and returns the ranges of its values.
///
/// Strings must be valid UTF-8. An escape `\uXXXX` of a lone surrogate is allowed (`LoneSurrogates`).
package struct JSONScanner: Sendable {
    /// The default limit for the number of nested arrays and objects (RFC 8259 §9 allows a limit).
    package static let maxDepth = 512

    /// The scanner's position, in bytes.
    package private(set) var offset: Int
    /// True if the scanner has passed a character that `SingleLine.copy` replaces.
    package private(set) var breaksLines = false
    private let maxDepth: Int

    /// Creates a scanner at `offset`; after `offset`, at most `maxDepth` arrays and objects may nest.
    package init(at offset: Int = 0, maxDepth: Int = Self.maxDepth) {
        (self.offset, self.maxDepth) = (offset, maxDepth)
    }

    /// Reads the text at `range`, which must be one value with only blanks around it.
    ///
    /// - Throws: `JSONSyntaxError` if the text is not valid JSON (RFC 8259), or nests too deep.
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

    /// Checks that only blanks come after the scanner's position.
    ///
    /// - Throws: `JSONSyntaxError` if another character comes after this position.
    package mutating func finish(in bytes: Span<UInt8>) throws(JSONSyntaxError) {
        if offset < bytes.count { try walk(bytes) { $0.skipBlanks() } }
        guard offset == bytes.count else {
            throw JSONSyntaxError("unexpected text after the value", at: offset)
        }
    }

    /// Reads the value after any blanks, and moves past it.
    ///
    /// - Throws: `JSONSyntaxError` if the value breaks the grammar, ends early or nests too deep.
    package mutating func value(in bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        try walk(bytes) { cursor throws(JSONSyntaxError) in try cursor.value(depth: 0) }
    }

    /// Moves past an object's opening brace.
    ///
    /// - Throws: `JSONSyntaxError` if the next character, after any blanks, does not begin an object.
    package mutating func enterObject(in bytes: Span<UInt8>) throws(JSONSyntaxError) {
        guard try opens(bytes, UInt8(ascii: "{")) else {
            throw JSONSyntaxError("expected an object", at: offset)
        }
        offset += 1
    }

    /// Reads the next member of the entered object; at the end, moves past the brace and returns `nil`.
    ///
    /// - Throws: `JSONSyntaxError` if the object breaks the grammar, ends early or nests too deep.
    package mutating func nextMember(in bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONMember? {
        // Only the first member has no comma before it.
        let isFirst = bytes[offset - 1] == UInt8(ascii: "{")
        return try walk(bytes) { cursor throws(JSONSyntaxError) in
            try cursor.nextMember(isFirst: isFirst, depth: 1)
        }
    }

    /// Reads the next member like `nextMember(in:)`, with another nesting limit for the member called `name`.
    ///
    /// In the value of this member, at most `levels` arrays and objects may nest. The value itself counts;
    /// arrays and objects around the value do not count.
    ///
    /// - Throws: `JSONSyntaxError` if the object breaks the grammar, ends early or nests too deep.
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

    /// Moves past an array's opening bracket.
    ///
    /// - Throws: `JSONSyntaxError` if the next character, after any blanks, does not begin an array.
    package mutating func enterArray(in bytes: Span<UInt8>) throws(JSONSyntaxError) {
        guard try opens(bytes, UInt8(ascii: "[")) else {
            throw JSONSyntaxError("expected an array", at: offset)
        }
        offset += 1
    }

    /// Reads the next element of the entered array; at the end, moves past the bracket and returns `nil`.
    ///
    /// - Throws: `JSONSyntaxError` if the array breaks the grammar, ends early or nests too deep.
    package mutating func nextElement(in bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONValue? {
        let isFirst = bytes[offset - 1] == UInt8(ascii: "[")
        return try walk(bytes) { cursor throws(JSONSyntaxError) in
            try cursor.nextElement(isFirst: isFirst, depth: 1)
        }
    }

    /// Skips blanks; returns `true` if `bracket` comes next.
    private mutating func opens(_ bytes: Span<UInt8>, _ bracket: UInt8) throws(JSONSyntaxError) -> Bool {
        guard offset < bytes.count else { return false }
        return try walk(bytes) { cursor in
            cursor.skipBlanks()
            return cursor.byte == bracket
        }
    }

    /// Calls `body` with a cursor at the scanner's position, then moves the scanner to the cursor's position.
    @inline(__always)
    private mutating func walk<Result>(
        _ bytes: Span<UInt8>,
        _ body: (inout JSONCursor) throws(JSONSyntaxError) -> Result
    ) throws(JSONSyntaxError) -> Result {
        precondition(offset >= 0, "the scanner's offset is negative")
        return try unsafe bytes.withUnsafeBufferPointer { buffer throws(JSONSyntaxError) in
            guard let base = buffer.baseAddress else { throw .valueless(at: offset, end: 0) }
            // The buffer is valid during the call and has `buffer.count` bytes.
            var cursor = unsafe JSONCursor(base, end: buffer.count, at: offset, maxDepth: maxDepth)
            defer {
                offset = cursor.position
                if cursor.breaksLines { breaksLines = true }
            }
            return try body(&cursor)
        }
    }
}
