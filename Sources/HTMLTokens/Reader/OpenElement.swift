// SPDX-License-Identifier: MIT
// fetchpool

/// An element that is open inside of a template, or of svg or math.
///
/// Outside of these no rule depends on the open elements.
struct OpenElement {
    /// The kind of an element's contents.
    enum Contents: UInt8 {
        /// An HTML element: its contents are HTML.
        case html
        /// The same, and all inside is open until the end tag of this element.
        case template
        case svg, math
        /// HTML inside of svg, such as in `foreignObject` (13.2.6.5, "HTML integration point").
        case svgPoint
        /// HTML in the text of math (13.2.6, "MathML text integration point").
        case mathText
        /// HTML inside of math: `annotation-xml` that says so.
        case mathPoint
        /// Only svg inside of math: any other `annotation-xml`.
        case annotation
    }

    /// The element's name.
    let name: HTMLName
    /// The kind of its contents.
    let contents: Contents
    /// True if no reader sees its text.
    let isHidden: Bool

    /// True for an element that HTML itself does not have.
    var isForeign: Bool { contents != .html && contents != .template }
    /// True for an element of svg or math in which HTML may stand.
    var holdsHTML: Bool { contents == .svgPoint || contents == .mathText || contents == .mathPoint }
    /// True for a text of a drawing, which stands apart from others.
    var isSVGText: Bool { contents == .svg && name == Self.text }
    private static let text = HTMLName(Array("text".utf8).span)

    /// True for the elements of svg.
    var isSVG: Bool { contents == .svg || contents == .svgPoint }
}
