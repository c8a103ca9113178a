// SPDX-License-Identifier: MIT
// fetchpool

/// What both page processors gather on the way: the title.
struct PageTitle {
    private var collected = CollapsedText()
    private var depth = 0
    private var svgDepth = 0
    private var isDone = false

    /// The first title outside of drawings, blanks collapsed; `nil` if there is none or it is empty.
    var string: String? { collected.bytes.isEmpty ? nil : collected.string }

    /// Whether text now belongs to the title.
    var isOpen: Bool { depth > 0 && !isDone }

    /// Notes that an element begins.
    mutating func start(_ element: HTMLElement) {
        if element == .svg { svgDepth += 1 }
        if element == .title, svgDepth == 0 { depth += 1 }
    }

    /// Notes that an element ends.
    mutating func end(_ element: HTMLElement) {
        if element == .svg { svgDepth -= 1 }
        if element == .title, depth > 0 {
            depth -= 1
            isDone = true
        }
    }

    /// Adds text, if the title is open.
    mutating func append(_ text: Span<UInt8>) {
        if isOpen { collected.append(text) }
    }
}
