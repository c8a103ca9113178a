// SPDX-License-Identifier: MIT
// fetchpool

/// A state of the tokenizer that tree construction may choose (HTML standard 13.2.5).
package enum HTMLSyntax: Sendable {
    /// Tags, comments and references: nearly everything.
    case data
    /// Text with references up to an end tag, as in `title`.
    case rcdata
    /// Text up to an end tag, as in `style`.
    case rawText
    /// Text up to an end tag, where a comment may hold another script element: `script`.
    case script
    /// Text up to the end of the page.
    case plainText
    /// Text up to `]]>`.
    case cdata
}
