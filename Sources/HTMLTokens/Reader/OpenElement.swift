// SPDX-License-Identifier: MIT
// fetchpool

/// An open template, svg or math element, or an open element inside of such an element.
///
/// Outside of templates, svg and math, no rule of the reader depends on the order of the open elements.
struct OpenElement {
    /// The kind of an element's contents.
    enum Contents: UInt8 {
        /// HTML in an HTML element.
        case html
        /// HTML in a `template`; the end tag of the template closes all elements inside.
        case template
        case svg, math
        /// HTML inside of svg, such as in `foreignObject` (13.2.6, "HTML integration point").
        case svgPoint
        /// HTML in a text element of math (13.2.6, "MathML text integration point").
        case mathText
        /// HTML inside of math: an `annotation-xml` whose `encoding` is HTML or XHTML.
        case mathPoint
        /// Math that may contain svg: any other `annotation-xml`.
        case annotation
    }

    /// The element's name.
    let name: HTMLName
    /// The kind of the element's contents.
    let contents: Contents
    /// True if the element hides the text inside of it.
    ///
    /// The reader reports this text as hidden, except in a `template`: there, the reader reports no text.
    let isHidden: Bool

    /// True for an element of svg or math.
    var isForeign: Bool { contents != .html && contents != .template }
    /// True for an element of svg or math that may contain HTML.
    var holdsHTML: Bool { contents == .svgPoint || contents == .mathText || contents == .mathPoint }
    /// True for the `text` element of svg, whose text is separate from neighbouring texts.
    var isSVGText: Bool { contents == .svg && name == Self.text }
    /// True for an HTML `table`.
    var isTable: Bool { contents == .html && name == Self.table }
    private static let text = HTMLName(Array("text".utf8).span)
    private static let table = HTMLName(Array("table".utf8).span)

    /// True for an element of svg.
    var isSVG: Bool { contents == .svg || contents == .svgPoint }
}
