// SPDX-License-Identifier: MIT
// fetchpool

/// What a reader of a page is told, in document order.
///
/// Every start has its end; elements that a page leaves out (html, body, p) or does not close are added by
/// the parser.
class HTMLEvents {
    /// Whether text that comes next matters; if not, it is not told.
    ///
    /// It is asked after each tag.
    var wantsText: Bool { true }

    /// An element begins.
    func start(_ element: HTMLElement, _ attributes: borrowing HTMLAttributes) {}

    /// An element ends.
    func end(_ element: HTMLElement) {}

    /// Text, entities resolved, in whole UTF-8 scalars; a run of text may come in several pieces.
    ///
    /// Scripts and styles never do.
    func text(_ text: Span<UInt8>) {}
}
