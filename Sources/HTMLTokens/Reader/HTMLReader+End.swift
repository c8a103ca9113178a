// SPDX-License-Identifier: MIT
// fetchpool

// End tags, and the elements that are open.
extension HTMLReader {
    /// The limit for the number of elements in `open`; a `template` is added even beyond the limit.
    private static let maxOpen = 256

    /// Handles an end tag and returns the element to report; `nil` if tree construction ignores the tag.
    mutating func end(_ element: HTMLElement, _ name: HTMLName) -> HTMLElement? {
        guard let current = open.last else { return endOutside(element, name) }
        if current.isForeign {
            // The end tags `</p>` and `</br>` close elements of svg and math (13.2.6.5).
            guard element.name != .p, element.name != .br else {
                popForeign()
                return element
            }
            for index in open.indices.reversed() {
                if !open[index].isForeign { return endInHTML(element, name) }
                guard open[index].name == name else { continue }
                let isCell = open[index].isSVGText
                pop(to: index)
                return isCell ? HTMLElement(.other, .cell) : .other
            }
            // If an element in `open` may contain HTML, the end tag closes no element outside of `open`.
            guard counts[name.hash(bits: 12)] > 0, !open.contains(where: \.holdsHTML) else { return nil }
            pop(to: 0)
            return endOutside(element, name)
        }
        return endInHTML(element, name)
    }

    /// Handles the end tag of an element outside of templates, svg and math.
    private mutating func endOutside(_ element: HTMLElement, _ name: HTMLName) -> HTMLElement? {
        let index = name.hash(bits: 12)
        let isOpen = counts[index] > 0
        if isOpen {
            counts[index] &-= 1
            if element.name == .table, openTables > 0 { openTables -= 1 }
        }
        return isOpen || element.traits.contains(.freeEnd) ? element : nil
    }

    /// Handles the end tag of an HTML element inside of a template, svg or math.
    private mutating func endInHTML(_ element: HTMLElement, _ name: HTMLName) -> HTMLElement? {
        if element.name == .template {
            guard let index = open.lastIndex(where: { $0.contents == .template }) else { return nil }
            pop(to: index)
            return element
        }
        // The end tag also closes svg and math inside the element that ends. The search stops at a template,
        // and at an element of svg or math that may contain HTML.
        for index in open.indices.reversed() {
            if open[index].contents == .html, open[index].name == name {
                pop(to: index)
                return element
            }
            guard open[index].contents != .template, !open[index].holdsHTML else { break }
        }
        return element.traits.contains(.freeEnd) ? element : nil
    }

    /// Stores an open element; beyond the limit `maxOpen`, only a `template` is stored.
    mutating func push(_ element: OpenElement) {
        guard open.count < Self.maxOpen || element.contents == .template else { return }
        open.append(element)
        if element.contents == .template { openTemplates += 1 }
        if element.isTable { openTables += 1 }
        if element.isHidden { openHidden += 1 }
    }

    /// Closes all open elements except the outermost `count` elements.
    ///
    /// While a `noscript` is read as markup, the elements that were open before the `noscript` stay open.
    mutating func pop(to count: Int) {
        let count = max(count, noscriptEnd?.open ?? 0)
        while open.count > count, let element = open.popLast() {
            if element.contents == .template { openTemplates -= 1 }
            if element.isTable { openTables -= 1 }
            if element.isHidden { openHidden -= 1 }
        }
    }

    /// Closes the innermost elements of svg and math, up to an element that is HTML or may contain HTML.
    ///
    /// That element stays open.
    mutating func popForeign() {
        var count = open.count
        while count > 0, open[count - 1].isForeign, !open[count - 1].holdsHTML { count -= 1 }
        pop(to: count)
    }
}
