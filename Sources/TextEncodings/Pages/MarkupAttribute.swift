// SPDX-License-Identifier: MIT
// fetchpool

/// An attribute of a tag, read by the rules of HTML's prescan (§13.2.3.2, "get an attribute").
struct MarkupAttribute {
    let name: Range<Int>
    /// The value; empty if the attribute has none.
    let value: Range<Int>

    /// The result of `next(in:at:)`.
    enum Found {
        case attribute(MarkupAttribute)
        /// The tag has no more attributes; `position` is now at the `>`.
        case endOfTag
        case endOfBytes
    }

    /// Reads the next attribute at or after `position`, and moves `position` behind the attribute.
    static func next(in bytes: Span<UInt8>, at position: inout Int) -> Found {
        while position < bytes.count, isSpace(bytes[position]) || bytes[position] == slash { position += 1 }
        guard position < bytes.count else { return .endOfBytes }
        if bytes[position] == close { return .endOfTag }
        let nameStart = position
        // An equals sign at the beginning is part of the name.
        position += 1
        while position < bytes.count, !endsName(bytes[position]) { position += 1 }
        let name = nameStart..<position
        while position < bytes.count, isSpace(bytes[position]) { position += 1 }
        guard position < bytes.count else { return .endOfBytes }
        guard bytes[position] == UInt8(ascii: "=") else {
            return .attribute(MarkupAttribute(name: name, value: position..<position))
        }
        position += 1
        while position < bytes.count, isSpace(bytes[position]) { position += 1 }
        guard position < bytes.count else { return .endOfBytes }
        guard let value = value(in: bytes, at: &position) else { return .endOfBytes }
        return .attribute(MarkupAttribute(name: name, value: value))
    }

    /// Moves `position` to the tag's `>`; returns false if the bytes end before the `>`.
    static func skipAll(in bytes: Span<UInt8>, at position: inout Int) -> Bool {
        while true {
            switch next(in: bytes, at: &position) {
            case .attribute: continue
            case .endOfTag: return true
            case .endOfBytes: return false
            }
        }
    }

    /// Reads the value at `position` and moves `position` behind it; `nil` if the bytes end in the value.
    private static func value(in bytes: Span<UInt8>, at position: inout Int) -> Range<Int>? {
        let quote = bytes[position]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            let start = position + 1
            guard let end = MarkupBytes.index(of: quote, in: bytes, from: start) else { return nil }
            position = end + 1
            return start..<end
        }
        let start = position
        while position < bytes.count, !isSpace(bytes[position]), bytes[position] != close { position += 1 }
        return position < bytes.count ? start..<position : nil
    }

    private static let slash = UInt8(ascii: "/")
    private static let close = UInt8(ascii: ">")

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool { MarkupBytes.isSpace(byte) }

    @inline(__always)
    private static func endsName(_ byte: UInt8) -> Bool {
        isSpace(byte) || byte == slash || byte == close || byte == UInt8(ascii: "=")
    }
}
