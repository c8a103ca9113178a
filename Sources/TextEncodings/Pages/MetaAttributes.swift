// SPDX-License-Identifier: MIT
// fetchpool

/// The attributes of a `meta` element that decide which encoding the element names.
///
/// `charset` names an encoding. `content` can name an encoding if `http-equiv` is `content-type`.
struct MetaAttributes {
    private var charset: Range<Int>?
    private var content: Range<Int>?
    private var httpEquiv: Range<Int>?

    /// Reads the attributes at or after `position`, and moves `position` to the tag's `>`; `nil` if the bytes
    /// end before the `>`.
    ///
    /// If attributes have the same name, the first one counts.
    init?(in bytes: Span<UInt8>, at position: inout Int) {
        while true {
            switch MarkupAttribute.next(in: bytes, at: &position) {
            case .endOfBytes: return nil
            case .endOfTag: return
            case .attribute(let attribute):
                if MarkupBytes.equals("charset", attribute.name, in: bytes) {
                    charset = charset ?? attribute.value
                } else if MarkupBytes.equals("content", attribute.name, in: bytes) {
                    content = content ?? attribute.value
                } else if MarkupBytes.equals("http-equiv", attribute.name, in: bytes) {
                    httpEquiv = httpEquiv ?? attribute.value
                }
            }
        }
    }

    /// Returns the encoding that the prescan takes from the element (HTML §13.2.3.2); `nil` for none.
    ///
    /// With `http-equiv=content-type`, `content` counts only if there is no `charset`.
    func prescanned(in bytes: Span<UInt8>) -> TextEncoding? {
        if let charset { return Self.encoding(charset, in: bytes) }
        return pragma(in: bytes)
    }

    /// Returns the encoding that the parser takes from the element (HTML §13.2.6.4.4); `nil` for none.
    ///
    /// With `http-equiv=content-type`, `content` counts unless `charset` names a known encoding.
    func parsed(in bytes: Span<UInt8>) -> TextEncoding? {
        charset.flatMap { Self.encoding($0, in: bytes) } ?? pragma(in: bytes)
    }

    private func pragma(in bytes: Span<UInt8>) -> TextEncoding? {
        guard let httpEquiv, MarkupBytes.equals("content-type", httpEquiv, in: bytes), let content else {
            return nil
        }
        return Self.extract(content, in: bytes)
    }

    /// Returns the encoding for a label in the page; `nil` if the label is unknown or longer than 256 bytes.
    ///
    /// A UTF-16 label means UTF-8, and x-user-defined means windows-1252 (HTML §13.2.3.4).
    static func encoding(_ label: Range<Int>, in bytes: Span<UInt8>) -> TextEncoding? {
        // The longest label has 19 bytes, but blanks can surround it.
        guard label.count <= 256 else { return nil }
        switch TextEncoding(label: label.map { bytes[$0] }) {
        case .utf16BE, .utf16LE: return .utf8
        case .xUserDefined: return .windows1252
        case let encoding: return encoding
        }
    }

    /// Returns the encoding in the value of `content` (HTML, "extracting a character encoding from a meta
    /// element"); `nil` if the value names no known encoding.
    private static func extract(_ content: Range<Int>, in bytes: Span<UInt8>) -> TextEncoding? {
        let value = bytes.extracting(content)
        var position = 0
        while let word = MarkupBytes.index(of: "charset", in: value, from: position) {
            position = word + 7
            while position < value.count, MarkupBytes.isSpace(value[position]) { position += 1 }
            guard position < value.count, value[position] == UInt8(ascii: "=") else { continue }
            position += 1
            while position < value.count, MarkupBytes.isSpace(value[position]) { position += 1 }
            guard position < value.count else { return nil }
            if value[position] == UInt8(ascii: "\"") || value[position] == UInt8(ascii: "'") {
                let quote = value[position]
                return MarkupBytes.index(of: quote, in: value, from: position + 1).flatMap {
                    encoding(position + 1..<$0, in: value)
                }
            }
            let start = position
            while position < value.count, !MarkupBytes.isSpace(value[position]),
                value[position] != UInt8(ascii: ";")
            {
                position += 1
            }
            return encoding(start..<position, in: value)
        }
        return nil
    }
}
