// SPDX-License-Identifier: MIT
// fetchpool

/// The properties of an element that matter to readers of pages.
package struct HTMLElement: Sendable, Hashable {
    /// The elements with rules of their own; `other` is the rest.
    package enum Name: UInt8, Sendable {
        case other
        case a, area, base, html, link, meta, title
        // Those whose contents have rules of their own.
        case br, font, math, noscript, p, svg, table, template
        // Places in svg and math where HTML may stand again.
        case annotationXML, mathGlyph, mathText, svgPoint
    }

    /// Properties that many elements share.
    package struct Traits: OptionSet, Sendable, Hashable {
        package let rawValue: UInt16

        package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Begins and ends a line (HTML standard 15.3, elements that are displayed as blocks, and `br`).
        package static let block = Traits(rawValue: 1)
        /// Stands beside its neighbours in a line, apart from them: table cells, and texts in drawings.
        package static let cell = Traits(rawValue: 2)
        /// Has text that no reader of the page sees.
        package static let hidden = Traits(rawValue: 4)
        /// Has neither contents nor an end tag (13.1.2, "void elements").
        static let void = Traits(rawValue: 8)
        /// Ends svg and math around it (13.2.6.5).
        static let breaksOut = Traits(rawValue: 16)
        /// Is ignored outside of a table (13.2.6.4.7).
        static let tablePart = Traits(rawValue: 32)
        /// May be closed by an end tag of another name, or opened by its own: its end tags always count.
        static let freeEnd = Traits(rawValue: 64)
    }

    /// The element's name, if it has rules of its own.
    package let name: Name
    /// The properties that the element shares with others.
    package let traits: Traits
    /// The syntax of its contents.
    let syntax: HTMLSyntax

    init(_ name: Name, _ traits: Traits = [], _ syntax: HTMLSyntax = .data) {
        (self.name, self.traits, self.syntax) = (name, traits, syntax)
    }

    /// An element without any of these properties.
    static let other = HTMLElement(.other)
}
