// SPDX-License-Identifier: MIT
// fetchpool

/// The contents of a DOCTYPE (HTML standard 13.2.5.53 to 68).
package struct HTMLDoctype: Sendable {
    /// The range of the name; `nil` if there is none.
    package private(set) var name: Range<Int>?
    /// The range of the public identifier; `nil` if there is none.
    package private(set) var publicID: Range<Int>?
    /// The range of the system identifier; `nil` if there is none.
    package private(set) var systemID: Range<Int>?
    /// True if a fault in the DOCTYPE makes browsers use quirks mode.
    package private(set) var forcesQuirks = false

    /// Reads `token`, which is a DOCTYPE of `page`.
    package init(_ token: HTMLToken, in page: Span<UInt8>) {
        let end = token.range.upperBound
        let text = page.extracting(0..<end)
        let start = text.indexBehindBlanks(from: token.range.lowerBound)
        guard start < end else {
            forcesQuirks = true
            return
        }
        var index = start
        while index < end, !text[index].isHTMLBlank { index += 1 }
        name = start..<index
        let isBogus = !readIdentifiers(in: text, at: &index)
        // A DOCTYPE that the end of the page cuts off forces quirks mode, unless it is bogus already.
        if !token.isClosed, !isBogus { forcesQuirks = true }
    }

    /// Reads the identifiers; returns false if text is unexpected or the first identifier is missing.
    private mutating func readIdentifiers(in text: Span<UInt8>, at index: inout Int) -> Bool {
        index = text.indexBehindBlanks(from: index)
        guard index < text.count else { return true }
        let isPublic = text.hasWord("public", at: index)
        guard isPublic || text.hasWord("system", at: index) else {
            forcesQuirks = true
            return false
        }
        index = text.indexBehindBlanks(from: index + 6)
        guard let first = identifier(in: text, at: &index) else {
            forcesQuirks = true
            return false
        }
        if isPublic { publicID = first } else { systemID = first }
        index = text.indexBehindBlanks(from: index)
        guard index < text.count else { return true }
        guard isPublic else { return false }
        systemID = identifier(in: text, at: &index)
        if systemID == nil { forcesQuirks = true }
        return text.indexBehindBlanks(from: index) == text.count
    }

    /// Returns the range between the quotation marks at `index`, and moves `index` past the marks.
    ///
    /// Without a closing mark, the range extends to the end of `text`. Returns `nil` if `index` is not at a
    /// quotation mark.
    private mutating func identifier(in text: Span<UInt8>, at index: inout Int) -> Range<Int>? {
        guard index < text.count, text[index] == UInt8(ascii: "\"") || text[index] == UInt8(ascii: "'") else {
            return nil
        }
        let start = index + 1
        let end = text.index(of: text[index], from: start)
        if end == text.count { forcesQuirks = true }
        index = min(end + 1, text.count)
        return start..<end
    }
}
