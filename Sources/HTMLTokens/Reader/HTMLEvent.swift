// SPDX-License-Identifier: MIT
// fetchpool

/// A part of a page; `HTMLReader` returns these parts in document order.
package enum HTMLEvent: Sendable {
    /// The place of a text.
    package enum Place: Sendable {
        case visible
        /// Inside an element whose text is not displayed in the page.
        case hidden
        /// Inside a `title` element of HTML, not of svg or math.
        case title
    }

    /// The start of an element; the token has the element's attributes.
    case start(HTMLElement, HTMLToken)
    /// An end tag that tree construction does not ignore.
    ///
    /// There can be a start without an end, and an end without a start.
    case end(HTMLElement)
    /// Text; one run of text may be several events.
    case text(HTMLText, Place)
    /// The end of the page.
    case pageEnd
}
