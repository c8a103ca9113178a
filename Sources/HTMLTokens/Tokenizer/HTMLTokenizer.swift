// SPDX-License-Identifier: MIT
// fetchpool

/// Splits a page into tokens as browsers do (HTML standard 13.2.5, "Tokenization").
///
/// The page is a span of UTF-8. Each call gets the same span, or a prefix of this span. Every page can be
/// read, even if some of its bytes are not valid UTF-8. The time is linear in the page's size, and nothing is
/// allocated.
///
/// The caller sets two properties that depend on tree construction: `syntax` after a start tag, and
/// `allowsCDATA`.
package struct HTMLTokenizer: Sendable {
    /// The syntax of the next bytes; an end tag or the end of a CDATA section sets `syntax` to `data` again.
    package var syntax = HTMLSyntax.data
    /// True where `<![CDATA[` begins text: in a foreign element such as `svg`, and anywhere in an XML page.
    ///
    /// Elsewhere, `<![CDATA[` begins a comment.
    package var allowsCDATA = false
    /// The index at which the next call begins to read.
    package internal(set) var position: Int
    /// The range of the last start tag's name; empty if there was no start tag.
    ///
    /// Only an end tag of this name ends raw text.
    package internal(set) var lastStartTag: Range<Int>

    /// Creates a tokenizer that begins at `position`.
    package init(at position: Int = 0, lastStartTag: Range<Int> = 0..<0) {
        (self.position, self.lastStartTag) = (position, lastStartTag)
    }

    /// Returns the next token; after the last token of the page, each call returns an `end` token.
    package mutating func next(in page: Span<UInt8>) -> HTMLToken {
        // Some markup produces no token: `</>`, the marks of a CDATA section, and a tag that the page's end
        // cuts off.
        while position < page.count {
            let token =
                switch syntax {
                case .data: nextInData(page)
                case .rcdata, .rawText: nextInRawText(page)
                case .script: nextInScript(page)
                case .plainText: textToken(to: page.count)
                case .cdata: nextInCDATA(page)
                }
            if let token { return token }
        }
        return HTMLToken(.end, page.count..<page.count)
    }

    private mutating func nextInData(_ page: Span<UInt8>) -> HTMLToken? {
        var end = position
        while true {
            end = page.index(of: UInt8(ascii: "<"), from: end)
            if end == page.count || Self.isMarkup(at: end, in: page) { break }
            end += 1
        }
        return end > position ? textToken(to: end) : nextMarkup(page)
    }

    /// Returns the text from the current position to `end`, and moves to `end`; `nil` if the text is empty.
    mutating func textToken(to end: Int) -> HTMLToken? {
        guard end > position else { return nil }
        var token = HTMLToken(.text, position..<end)
        token.syntax = syntax
        position = end
        return token
    }

    /// Returns true if the `<` at `start` begins markup, not text (13.2.5.6 and 7).
    private static func isMarkup(at start: Int, in page: Span<UInt8>) -> Bool {
        guard start + 1 < page.count else { return false }
        let next = page[start + 1]
        if next.isASCIILetter || next == UInt8(ascii: "!") || next == UInt8(ascii: "?") { return true }
        return next == UInt8(ascii: "/") && start + 2 < page.count
    }

    private mutating func nextMarkup(_ page: Span<UInt8>) -> HTMLToken? {
        let start = position + 1
        switch page[start] {
        case UInt8(ascii: "!"): return nextDeclaration(page)
        case UInt8(ascii: "?"): return bogusComment(from: start, in: page)
        case UInt8(ascii: "/"):
            if page[start + 1].isASCIILetter { return nextTag(.endTag, nameStart: start + 1, in: page) }
            guard page[start + 1] == UInt8(ascii: ">") else { return bogusComment(from: start + 1, in: page) }
            position = start + 2
            return nil
        default: return nextTag(.startTag, nameStart: start, in: page)
        }
    }

    /// Reads a tag (13.2.5.8 and 32 to 40); `nil` if the page ends inside of the tag.
    mutating func nextTag(_ kind: HTMLToken.Kind, nameStart: Int, in page: Span<UInt8>) -> HTMLToken? {
        var nameEnd = nameStart + 1
        while nameEnd < page.count, !page[nameEnd].endsTagName { nameEnd &+= 1 }
        var token = HTMLToken(kind, nameStart..<nameEnd)
        var cursor = HTMLAttributeCursor(at: nameEnd)
        while true {
            switch cursor.next(in: page) {
            case .attribute: continue
            case .cutOff:
                position = page.count
                return nil
            case .end(let isSelfClosing):
                token.attributes = nameEnd..<cursor.position - 1
                token.isSelfClosing = isSelfClosing
                token.name = HTMLName(page, token.range)
                position = cursor.position
                if kind == .startTag { lastStartTag = token.range } else { syntax = .data }
                return token
            }
        }
    }
}
