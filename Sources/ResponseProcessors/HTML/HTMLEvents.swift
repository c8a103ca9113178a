// SPDX-License-Identifier: MIT
// fetchpool

/// What a reader of a page is told, in document order.
///
/// Every start has its end; elements that a page leaves out (html, body, p) or does not close are added by
/// the parser.
class HTMLEvents {
    /// Whether the attributes of such an element matter; if not they are not copied.
    func wantsAttributes(of element: HTMLElement) -> Bool { false }

    /// An element begins.
    ///
    /// `attributes` is empty if they were not wanted.
    func start(_ element: HTMLElement, _ attributes: borrowing HTMLAttributes) {}

    /// An element ends.
    func end(_ element: HTMLElement) {}

    /// Text, entities resolved, in whole UTF-8 scalars; a run of text may come in several pieces.
    ///
    /// Scripts and styles never do.
    func text(_ text: Span<UInt8>) {}
}
