// SPDX-License-Identifier: MIT
// fetchpool

/// A part of a page, as `HTMLReader` gives them in document order.
package enum HTMLEvent: Sendable {
    /// The place of a text.
    package enum Place: Sendable {
        case visible
        /// In an element whose text no reader of the page sees.
        case hidden
        /// In a `title` that is not one of a drawing.
        case title
    }

    /// An element begins; the token has its attributes.
    case start(HTMLElement, HTMLToken)
    /// An element ends. Elements without an end tag have no such event.
    case end(HTMLElement)
    /// Text; a run of it may come in several pieces.
    case text(HTMLText, Place)
    /// The page ends.
    case pageEnd
}
