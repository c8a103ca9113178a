// SPDX-License-Identifier: MIT
// fetchpool

/// A search of a whole page for a `meta` element that names the encoding (HTML §13.2.6.4.4 and §13.2.3.4,
/// "change the encoding").
///
/// Unlike the prescan (`EncodingPrescan`), this search skips the contents of the elements in `rawText`. It
/// does not skip the contents of such an element inside an svg or math element.
enum EncodingDeclaration {
    /// Returns the encoding of the first `meta` element that names a known encoding; `nil` if there is none.
    static func encoding(in page: Span<UInt8>) -> TextEncoding? {
        mayHaveOne(page) ? firstEncoding(in: page) : nil
    }

    /// A fast check that returns false only if no `meta` element in the page names a known encoding.
    private static func mayHaveOne(_ page: Span<UInt8>) -> Bool {
        var position = 0
        // Tags inside the attributes of other tags are read several times. So the check gives up, and returns
        // true, after it has read about twice as many bytes as the page has.
        var bytesLeft = 2 * page.count
        while let tag = MarkupBytes.indexOfMeta(in: page, from: position) {
            var end = tag + 5
            guard let attributes = MetaAttributes(in: page, at: &end), attributes.parsed(in: page) == nil
            else { return true }
            bytesLeft -= end - tag
            if bytesLeft < 0 { return true }
            position = tag + 5
        }
        return false
    }

    private static func firstEncoding(in page: Span<UInt8>) -> TextEncoding? {
        var position = 0
        var foreignDepth = 0
        while let tag = MarkupBytes.index(of: UInt8(ascii: "<"), in: page, from: position) {
            position = tag + 1
            guard position < page.count else { return nil }
            let isEndTag = page[position] == UInt8(ascii: "/")
            let nameStart = isEndTag ? position + 1 : position
            guard nameStart < page.count, MarkupBytes.isLetter(page[nameStart]) else {
                guard let end = endOfDeclaration(at: tag, in: page) else { return nil }
                position = end
                continue
            }
            position = nameStart
            let name = tagName(in: page, at: &position)
            if !isEndTag, MarkupBytes.equals("meta", name, in: page) {
                guard let attributes = MetaAttributes(in: page, at: &position) else { return nil }
                if let encoding = attributes.parsed(in: page) { return encoding }
                continue
            }
            guard MarkupAttribute.skipAll(in: page, at: &position) else { return nil }
            if MarkupBytes.equals("svg", name, in: page) || MarkupBytes.equals("math", name, in: page) {
                if isEndTag {
                    foreignDepth = max(0, foreignDepth - 1)
                } else if page[position - 1] != UInt8(ascii: "/") {
                    foreignDepth += 1
                }
            } else if !isEndTag, foreignDepth == 0,
                let word = rawText.first(where: { MarkupBytes.equals($0, name, in: page) })
            {
                guard let end = endOfRawText(word, in: page, from: position) else { return nil }
                position = end
            }
        }
        return nil
    }

    /// Returns the position after the markup at `tag` that begins with `<!`, `<?` or `</`; `nil` if the page
    /// ends in this markup.
    ///
    /// For any other `<`, returns the position after the `<`.
    private static func endOfDeclaration(at tag: Int, in page: Span<UInt8>) -> Int? {
        if MarkupBytes.has("<!--", at: tag, in: page) {
            return MarkupBytes.endOfComment(at: tag, in: page, parserRules: true)
        }
        switch page[tag + 1] {
        case UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: "/"):
            return MarkupBytes.index(of: UInt8(ascii: ">"), in: page, from: tag + 2).map { $0 + 1 }
        default: return tag + 1
        }
    }

    /// The elements whose contents a parser reads as text, with scripting enabled.
    private static let rawText: [StaticString] = [
        "script", "style", "title", "noscript", "textarea", "iframe", "noembed", "noframes", "xmp",
        "plaintext",
    ]

    /// Returns the range of the tag's name at `position`, and moves `position` behind the name.
    private static func tagName(in page: Span<UInt8>, at position: inout Int) -> Range<Int> {
        let start = position
        while position < page.count, !MarkupBytes.isSpace(page[position]),
            page[position] != UInt8(ascii: ">"),
            page[position] != UInt8(ascii: "/")
        {
            position += 1
        }
        return start..<position
    }

    /// Returns the position of the first end tag at or after `start` with the name `word`; `nil` if there is
    /// none.
    private static func endOfRawText(_ word: StaticString, in page: Span<UInt8>, from start: Int) -> Int? {
        var position = start
        while let tag = MarkupBytes.index(of: UInt8(ascii: "<"), in: page, from: position) {
            let end = tag + 2 + word.utf8CodeUnitCount
            guard end < page.count else { return nil }
            if page[tag + 1] == UInt8(ascii: "/"), MarkupBytes.has(word, at: tag + 2, in: page),
                MarkupBytes.isSpace(page[end]) || page[end] == UInt8(ascii: ">")
                    || page[end] == UInt8(ascii: "/")
            {
                return tag
            }
            position = tag + 1
        }
        return nil
    }
}
