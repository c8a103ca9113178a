// SPDX-License-Identifier: MIT
// fetchpool

/// A syntax in which the tokenizer reads bytes (HTML standard 13.2.5).
package enum HTMLSyntax: Sendable {
    /// Text with tags, comments and character references: most of a page.
    case data
    /// Text with character references, up to the end tag of its element, as in `title`.
    case rcdata
    /// Text up to the end tag of its element, as in `style`.
    case rawText
    /// The text of a `script`, up to its end tag; a comment in the text may contain another script element.
    case script
    /// Text up to the end of the page.
    case plainText
    /// Text up to `]]>`.
    case cdata
}
