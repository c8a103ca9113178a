// SPDX-License-Identifier: MIT
// fetchpool

// Elements whose text extends to the end tag of the same name.
extension HTMLTokenizer {
    /// Reads the text before the element's end tag; if there is no such text, reads the end tag (13.2.5.2, 3
    /// and 9 to 14).
    ///
    /// Returns `nil` if the page ends inside of the end tag.
    mutating func nextInRawText(_ page: Span<UInt8>) -> HTMLToken? {
        let end = indexOfEndTag(in: page, from: position)
        guard end == position else { return textToken(to: end) }
        return nextTag(.endTag, nameStart: end + 2, in: page)
    }

    /// Returns the index of the next end tag with the name of the last start tag; the page's end if there is
    /// none.
    func indexOfEndTag(in page: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while true {
            index = page.index(of: UInt8(ascii: "<"), from: index)
            guard index < page.count, !isEndTag(at: index, in: page) else { return index }
            index += 1
        }
    }

    /// Returns true if an end tag with the name of the last start tag begins at `start` (13.2.5, "appropriate
    /// end tag token").
    func isEndTag(at start: Int, in page: Span<UInt8>) -> Bool {
        let nameEnd = start + 2 + lastStartTag.count
        guard !lastStartTag.isEmpty, nameEnd < page.count, page[start] == UInt8(ascii: "<"),
            page[start + 1] == UInt8(ascii: "/"),
            page[nameEnd].endsTagName
        else { return false }
        var index = start + 2
        for other in lastStartTag {
            guard page[index].asciiLowercased == page[other].asciiLowercased else { return false }
            index += 1
        }
        return true
    }
}
