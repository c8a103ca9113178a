// SPDX-License-Identifier: MIT
// fetchpool

/// The properties of an element that matter for reading a page.
package struct HTMLElement: Sendable, Hashable {
    /// The names that decide the handling of an element; `other` stands for all other names.
    package enum Name: UInt8, Sendable {
        case other
        case a, area, base, html, link, meta, title
        // Elements with special rules in tree construction.
        case br, font, math, noscript, p, svg, table, template
        // Elements that decide where HTML begins or ends inside of svg and math.
        case annotationXML, mathGlyph, mathText, svgPoint
    }

    /// Properties that many elements share.
    package struct Traits: OptionSet, Sendable, Hashable {
        package let rawValue: UInt16

        package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// An element that begins and ends a line, such as `br` and the elements that browsers display as
        /// blocks (HTML standard 15.3).
        package static let block = Traits(rawValue: 1)
        /// An element that is separate from its neighbours in a line: a table cell, or a `text` of svg.
        package static let cell = Traits(rawValue: 2)
        /// An element whose text is not displayed in the page.
        package static let hidden = Traits(rawValue: 4)
        /// An element without contents and without an end tag: a void element (13.1.2), or an obsolete
        /// element that parsers handle like a void element.
        static let void = Traits(rawValue: 8)
        /// An element whose start tag ends the svg or math around it (13.2.6.5).
        static let breaksOut = Traits(rawValue: 16)
        /// An element whose start tag is ignored outside of tables and templates (13.2.6.4.7).
        static let tablePart = Traits(rawValue: 32)
        /// An element whose end tag may have an effect even if no element of this name is open.
        ///
        /// The tag `</h1>` also closes other headings, and `</p>` or `</br>` may create an element.
        static let freeEnd = Traits(rawValue: 64)
    }

    /// The element's name, or the group of its name.
    package let name: Name
    /// The properties that the element shares with others.
    package let traits: Traits
    /// True for an element that begins and ends a line.
    package var isBlock: Bool { traits.contains(.block) }
    /// True for an element that is separate from its neighbours in a line.
    package var isCell: Bool { traits.contains(.cell) }
    /// The syntax of the element's contents.
    let syntax: HTMLSyntax

    init(_ name: Name, _ traits: Traits = [], _ syntax: HTMLSyntax = .data) {
        (self.name, self.traits, self.syntax) = (name, traits, syntax)
    }

    /// An element with the name `other` and without traits.
    static let other = HTMLElement(.other)
}
