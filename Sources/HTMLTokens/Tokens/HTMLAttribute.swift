// SPDX-License-Identifier: MIT
// fetchpool

/// One attribute: the ranges of its name and its value in the page.
package struct HTMLAttribute: Sendable {
    /// The range of the name, which may be in any letter case.
    package let name: Range<Int>
    /// The range of the value without quotation marks; empty if there is no value.
    ///
    /// The value may contain character references (`HTMLText` decodes them).
    package let value: Range<Int>
}

/// A cursor that moves over a tag's attributes.
///
/// No attributes are stored: a reader that needs an attribute reads the tag again.
package struct HTMLAttributeCursor: Sendable {
    /// The result of a step.
    package enum Step: Sendable {
        case attribute(HTMLAttribute)
        /// The tag's `>`; the cursor is now after the `>`.
        case end(isSelfClosing: Bool)
        /// The end of the page inside of the tag.
        case cutOff
    }

    /// The index at which the next step begins.
    package private(set) var position: Int

    /// Creates a cursor at `position`, which is after a tag's name or an attribute.
    package init(at position: Int) {
        self.position = position
    }

    /// Reads the next attribute or the tag's end, and moves past it (HTML standard 13.2.5.32 to 40).
    @inline(__always)
    package mutating func next(in page: Span<UInt8>) -> Step {
        var start = position
        while true {
            guard start < page.count else { return .cutOff }
            let byte = page[start]
            if byte == UInt8(ascii: ">") {
                // A slash in front of `position` belongs to the value of the previous attribute.
                let isSelfClosing = start > position && page[start &- 1] == UInt8(ascii: "/")
                position = start &+ 1
                return .end(isSelfClosing: isSelfClosing)
            }
            guard byte.isHTMLBlank || byte == UInt8(ascii: "/") else { break }
            start &+= 1
        }
        // An equals sign at the beginning is part of the name.
        var nameEnd = start &+ 1
        while nameEnd < page.count, !page[nameEnd].endsAttributeName { nameEnd &+= 1 }
        let equals = page.indexBehindBlanks(from: nameEnd)
        guard equals < page.count, page[equals] == UInt8(ascii: "=") else {
            position = equals
            return equals < page.count
                ? .attribute(HTMLAttribute(name: start..<nameEnd, value: nameEnd..<nameEnd)) : .cutOff
        }
        guard let value = valueRange(in: page, from: page.indexBehindBlanks(from: equals &+ 1)) else {
            return .cutOff
        }
        return .attribute(HTMLAttribute(name: start..<nameEnd, value: value))
    }

    /// Returns the range of the value that begins at `start`, and moves past the value; `nil` if the page
    /// ends before or in the value.
    @inline(__always)
    private mutating func valueRange(in page: Span<UInt8>, from start: Int) -> Range<Int>? {
        guard start < page.count else { return nil }
        let quote = page[start]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            let end = page.index(of: quote, from: start &+ 1)
            guard end < page.count else { return nil }
            position = end &+ 1
            return start &+ 1..<end
        }
        var end = start
        while end < page.count, !page[end].endsUnquotedValue { end &+= 1 }
        position = end
        return end < page.count ? start..<end : nil
    }
}
