// SPDX-License-Identifier: MIT
// fetchpool

/// A search of a page's first bytes for the encoding that they name (HTML §13.2.3.2, "prescan a byte stream
/// to determine its encoding").
enum EncodingPrescan {
    static func encoding(in head: Span<UInt8>) -> TextEncoding? {
        UTF16Declaration.encoding(in: head) ?? metaEncoding(in: head) ?? XMLDeclaration.encoding(in: head)
    }

    private static func metaEncoding(in head: Span<UInt8>) -> TextEncoding? {
        var position = 0
        while let tag = MarkupBytes.index(of: UInt8(ascii: "<"), in: head, from: position) {
            if MarkupBytes.has("<!--", at: tag, in: head) {
                guard let end = MarkupBytes.endOfComment(at: tag, in: head, parserRules: false) else {
                    return nil
                }
                position = end
            } else if isMeta(at: tag, in: head) {
                position = tag + 5
                guard let attributes = MetaAttributes(in: head, at: &position) else { return nil }
                if let encoding = attributes.prescanned(in: head) { return encoding }
            } else if isTag(at: tag, in: head) {
                position = tag + 1
                guard skipTag(in: head, at: &position) else { return nil }
            } else if tag + 1 < head.count, isMarkup(head[tag + 1]) {
                guard let end = MarkupBytes.index(of: UInt8(ascii: ">"), in: head, from: tag + 1) else {
                    return nil
                }
                position = end
            } else {
                position = tag + 1
            }
        }
        return nil
    }

    private static func isMeta(at tag: Int, in head: Span<UInt8>) -> Bool {
        guard MarkupBytes.has("<meta", at: tag, in: head), tag + 5 < head.count else { return false }
        return MarkupBytes.isSpace(head[tag + 5]) || head[tag + 5] == UInt8(ascii: "/")
    }

    /// Returns true if a start tag or an end tag is at `tag`.
    private static func isTag(at tag: Int, in head: Span<UInt8>) -> Bool {
        let name = tag + 1 < head.count && head[tag + 1] == UInt8(ascii: "/") ? tag + 2 : tag + 1
        return name < head.count && MarkupBytes.isLetter(head[name])
    }

    private static func isMarkup(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "!") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?")
    }

    /// Moves `position` to the tag's `>`; returns false if the bytes end before the `>`.
    private static func skipTag(in head: Span<UInt8>, at position: inout Int) -> Bool {
        while position < head.count, !MarkupBytes.isSpace(head[position]), head[position] != UInt8(ascii: ">")
        {
            position += 1
        }
        return MarkupAttribute.skipAll(in: head, at: &position)
    }
}
