// SPDX-License-Identifier: MIT
// fetchpool

// Start tags.
extension HTMLReader {
    /// Handles a start tag; returns the element to report, or `nil` if tree construction ignores the tag.
    mutating func start(_ element: HTMLElement, _ token: HTMLToken, _ page: Span<UInt8>) -> HTMLElement? {
        guard let current = open.last else { return startInHTML(element, token, page) }
        guard isForeign(element, in: current) else { return startInHTML(element, token, page) }
        guard breaksOut(element, token, page) else { return startInForeign(element, token, page, current) }
        popForeign()
        return startInHTML(element, token, page)
    }

    /// Returns true if the rules for foreign content apply to a start tag inside of `current` (13.2.6, "tree
    /// construction dispatcher").
    private func isForeign(_ element: HTMLElement, in current: OpenElement) -> Bool {
        switch current.contents {
        case .html, .template, .svgPoint, .mathPoint: false
        case .mathText: element.name == .mathGlyph
        case .annotation: element.name != .svg
        case .svg, .math: true
        }
    }

    private func breaksOut(_ element: HTMLElement, _ token: HTMLToken, _ page: Span<UInt8>) -> Bool {
        if element.traits.contains(.breaksOut) { return true }
        guard element.name == .font else { return false }
        return ["color", "face", "size"].contains { token.attribute($0, in: page) != nil }
    }

    private mutating func startInHTML(
        _ element: HTMLElement,
        _ token: HTMLToken,
        _ page: Span<UInt8>
    )
        -> HTMLElement?
    {
        if element.traits.contains(.tablePart), openTables == 0, openTemplates == 0 { return nil }
        if token.isSelfClosing, isXML { return element }
        switch element.name {
        case .svg, .math:
            if !token.isSelfClosing {
                push(
                    OpenElement(
                        name: token.name,
                        contents: element.name == .svg ? .svg : .math,
                        isHidden: false
                    )
                )
            }
            return element
        case .template: push(OpenElement(name: token.name, contents: .template, isHidden: true))
        case .noscript where noscript == .markup: beginNoscript(page)
        default:
            guard element.traits.isDisjoint(with: .void) else { return element }
            if element.syntax != .data {
                beginRawText(element)
            } else if open.isEmpty {
                counts[token.name.hash(bits: 12)] &+= 1
                if element.name == .table { openTables += 1 }
            } else {
                push(OpenElement(name: token.name, contents: .html, isHidden: false))
            }
        }
        return element
    }

    private mutating func beginRawText(_ element: HTMLElement) {
        tokenizer.syntax = element.syntax
        isInRawText = true
        guard element.traits.contains(.hidden) else { return }
        place = element.name == .title ? .title : .hidden
    }

    /// Begins to read the contents of a `noscript` as a separate part of the page.
    ///
    /// The function does nothing inside another `noscript`.
    private mutating func beginNoscript(_ page: Span<UInt8>) {
        guard noscriptEnd == nil else { return }
        let end = tokenizer.indexOfEndTag(in: page, from: tokenizer.position)
        noscriptEnd = (end, open.count, openTables)
    }

    private mutating func startInForeign(
        _ element: HTMLElement,
        _ token: HTMLToken,
        _ page: Span<UInt8>,
        _ current: OpenElement
    ) -> HTMLElement {
        let new = OpenElement(
            name: token.name,
            contents: contents(of: element, token, page, inSVG: current.isSVG),
            isHidden: element.traits.contains(.hidden)
        )
        if !token.isSelfClosing { push(new) }
        switch element.name {
        case .a, .area: return HTMLElement(element.name)
        default: return new.isSVGText ? HTMLElement(.other, .cell) : .other
        }
    }

    private func contents(
        of element: HTMLElement,
        _ token: HTMLToken,
        _ page: Span<UInt8>,
        inSVG: Bool
    )
        -> OpenElement.Contents
    {
        if inSVG { return element.name == .svgPoint || element.name == .title ? .svgPoint : .svg }
        switch element.name {
        case .mathText: return .mathText
        case .annotationXML:
            guard let encoding = token.attribute("encoding", in: page) else { return .annotation }
            var value: [UInt8] = []
            HTMLText(valueOf: encoding).append(from: page, to: &value)
            let isHTML = ["text/html", "application/xhtml+xml"].contains {
                value.span.hasWord($0, at: 0) && value.count == $0.utf8CodeUnitCount
            }
            return isHTML ? .mathPoint : .annotation
        default: return .math
        }
    }
}
