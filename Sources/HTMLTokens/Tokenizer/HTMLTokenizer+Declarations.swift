// SPDX-License-Identifier: MIT
// fetchpool

// Markup that begins with `<!`: comments, DOCTYPEs, CDATA sections, and malformed declarations.
extension HTMLTokenizer {
    /// Reads the markup that begins with `<!` (13.2.5.42, "markup declaration open state"); `nil` if this
    /// markup is the start of a CDATA section.
    mutating func nextDeclaration(_ page: Span<UInt8>) -> HTMLToken? {
        let start = position + 2
        if page.hasWord("--", at: start) { return nextComment(from: start + 2, in: page) }
        if page.hasWord("doctype", at: start) {
            // A `>` ends a DOCTYPE even within quotation marks.
            let end = page.index(of: UInt8(ascii: ">"), from: start + 7)
            var token = HTMLToken(.doctype, start + 7..<end)
            token.isClosed = end < page.count
            position = min(end + 1, page.count)
            return token
        }
        if allowsCDATA, page.hasBytes("[CDATA[", at: start) {
            position = start + 7
            syntax = .cdata
            return nil
        }
        return bogusComment(from: start, in: page)
    }

    /// Reads malformed markup as a comment (13.2.5.41, "bogus comment state").
    ///
    /// The comment ends at the next `>`, or at the end of the page.
    mutating func bogusComment(from start: Int, in page: Span<UInt8>) -> HTMLToken {
        let end = page.index(of: UInt8(ascii: ">"), from: start)
        position = min(end + 1, page.count)
        return HTMLToken(.comment, start..<end)
    }

    /// Reads the comment whose text begins at `start` (13.2.5.43 to 52).
    private mutating func nextComment(from start: Int, in page: Span<UInt8>) -> HTMLToken {
        var end = start - 1
        while true {
            end = page.index(of: UInt8(ascii: ">"), from: end + 1)
            guard end < page.count else { break }
            // `<!-->` and `<!--->` are complete comments.
            let isAbrupt = end == start || end == start + 1 && page[start] == UInt8(ascii: "-")
            let closing = isAbrupt ? end - start : Self.closingDashes(before: end, from: start, in: page)
            guard isAbrupt || closing >= 2 else { continue }
            position = end + 1
            return HTMLToken(.comment, start..<end - closing)
        }
        // At the end of the page, an incomplete `-->` or `--!>` is not part of the comment.
        position = page.count
        let closing = Self.closingDashes(before: page.count, from: start, in: page)
        return HTMLToken(.comment, start..<page.count - closing)
    }

    /// Returns the length of the `--!`, `--` or `-` before `end`; 0 if there is none.
    private static func closingDashes(before end: Int, from start: Int, in page: Span<UInt8>) -> Int {
        if end - start >= 3, page.hasBytes("--!", at: end - 3) { return 3 }
        if end - start >= 2, page.hasBytes("--", at: end - 2) { return 2 }
        return end > start && page[end - 1] == UInt8(ascii: "-") ? 1 : 0
    }

    /// Reads the text of a CDATA section (13.2.5.69 to 71); `nil` if there is no text.
    mutating func nextInCDATA(_ page: Span<UInt8>) -> HTMLToken? {
        var end = position
        while true {
            end = page.index(of: UInt8(ascii: "]"), from: end)
            guard end < page.count else { return textToken(to: end) }
            if page.hasBytes("]]>", at: end) { break }
            end += 1
        }
        let text = textToken(to: end)
        position = end + 3
        syntax = .data
        return text
    }
}
