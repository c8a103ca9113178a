// SPDX-License-Identifier: MIT
// fetchpool

// A script ends at the first `</script>`. But `<script` in a `<!-- -->` comment of the script begins an inner
// script. The next `</script>` of the comment ends only the inner script.
extension HTMLTokenizer {
    /// The state of a script's text (HTML §13.2.5.15 to 31).
    private enum Escape {
        case none
        /// After `<!--`; an end tag still ends the script.
        case comment
        /// After `<script` in a comment; the next `</script>` of the comment ends only the inner script.
        case scriptInComment
    }

    /// Reads the text of a script, or its end tag; `nil` if the page ends inside of the end tag.
    mutating func nextInScript(_ page: Span<UInt8>) -> HTMLToken? {
        if isEndTag(at: position, in: page) { return nextTag(.endTag, nameStart: position + 2, in: page) }
        return textToken(to: indexOfScriptEnd(in: page))
    }

    private func indexOfScriptEnd(in page: Span<UInt8>) -> Int {
        var escape = Escape.none
        var index = position
        while true {
            if escape == .none {
                index = page.index(of: UInt8(ascii: "<"), from: index)
            } else {
                index = page.index(
                    in: index..<page.count,
                    of: UInt8(ascii: "<"),
                    UInt8(ascii: "-"),
                    UInt8(ascii: "-")
                )
            }
            guard index < page.count else { return index }
            if page[index] == UInt8(ascii: "-") {
                index = Self.indexBehindDashes(from: index, in: page, &escape)
            } else if escape != .scriptInComment, isEndTag(at: index, in: page) {
                return index
            } else {
                index = Self.indexBehindTag(at: index, in: page, &escape)
            }
        }
    }

    /// Returns the index after the dashes at `start`, and updates `escape`.
    ///
    /// Two or more dashes and a `>` end the comment.
    private static func indexBehindDashes(
        from start: Int,
        in page: Span<UInt8>,
        _ escape: inout Escape
    )
        -> Int
    {
        var end = start
        while end < page.count, page[end] == UInt8(ascii: "-") { end += 1 }
        if end - start >= 2, end < page.count, page[end] == UInt8(ascii: ">") { escape = .none }
        return end
    }

    /// Updates `escape` for the `<` at `start`, and returns the index at which the search continues.
    ///
    /// The `<` must not be the first byte of the script's end tag.
    private static func indexBehindTag(at start: Int, in page: Span<UInt8>, _ escape: inout Escape) -> Int {
        switch escape {
        case .none:
            guard page.hasBytes("<!--", at: start) else { return start + 1 }
            escape = .comment
            // The dashes of `<!--` may also end the comment, as in `<!-->`.
            return start + 2
        case .comment:
            guard hasScript(at: start + 1, in: page) else { return start + 1 }
            escape = .scriptInComment
            return start + 8
        case .scriptInComment:
            guard page.hasBytes("</", at: start), hasScript(at: start + 2, in: page) else { return start + 1 }
            escape = .comment
            return start + 9
        }
    }

    private static func hasScript(at start: Int, in page: Span<UInt8>) -> Bool {
        page.hasWord("script", at: start) && start + 6 < page.count && page[start + 6].endsTagName
    }
}
