// SPDX-License-Identifier: MIT
// fetchpool

/// One token of a page: its kind, and the byte ranges of its parts in the page.
package struct HTMLToken: Sendable {
    /// The kinds of tokens (HTML standard 13.2.5, "Tokenization").
    package enum Kind: Sendable {
        /// Characters; a run of characters may come as several tokens.
        case text
        case startTag, endTag, comment, doctype
        /// The end of the page.
        case end
    }

    /// The token's kind.
    package let kind: Kind
    /// The range of a tag's name, of a text, of a comment's contents, or of the text after the word DOCTYPE;
    /// for `end`, the empty range at the end of the page.
    package let range: Range<Int>
    /// The range of all bytes between a tag's name and the tag's `>`; empty for other tokens.
    package var attributes = 0..<0
    /// The syntax in which a text was read; `data` for other tokens.
    package var syntax = HTMLSyntax.data
    /// True for a tag that ends in `/>`, unless the slash is part of an attribute's value.
    package var isSelfClosing = false
    /// False for a DOCTYPE that the end of the page cuts off.
    package var isClosed = true
    /// The name of a tag, for comparison with other names; for other tokens, the name that no tag has.
    package var name = HTMLName()

    init(_ kind: Kind, _ range: Range<Int>) {
        (self.kind, self.range) = (kind, range)
    }
}
