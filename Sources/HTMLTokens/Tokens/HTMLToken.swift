// SPDX-License-Identifier: MIT
// fetchpool

/// One token of a page: where it stands, and what it is.
///
/// It holds no bytes, so none is copied unless somebody asks. All ranges are those of the page that was read.
package struct HTMLToken: Sendable {
    /// The kinds of tokens (HTML standard 13.2.5, "Tokenization").
    package enum Kind: Sendable {
        /// Characters. A run of them may come as several tokens.
        case text
        case startTag, endTag, comment, doctype
        /// The end of the page.
        case end
    }

    /// What the token is.
    package let kind: Kind
    /// The name of a tag, the text, or what stands in a comment or behind the word DOCTYPE, as the page has it.
    package let range: Range<Int>
    /// Where a tag's attributes stand: all between its name and its `>`.
    package var attributes = 0..<0
    /// The syntax in which text was read: it decides about references and zero bytes.
    package var syntax = HTMLSyntax.data
    /// True for a tag that ends in `/>`.
    package var isSelfClosing = false
    /// False for a DOCTYPE that the end of the page cuts off.
    package var isClosed = true
    /// The name of a tag, to be compared with others.
    package var name = HTMLName()

    init(_ kind: Kind, _ range: Range<Int>) {
        (self.kind, self.range) = (kind, range)
    }
}
