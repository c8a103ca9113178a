// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens

/// The title of a page, which the processors `links` and `text` collect.
struct PageTitle {
    private var collected = CollapsedText()
    private var count = 0

    /// The first title, in UTF-8 with collapsed blanks; `nil` if there is no title or the title is empty.
    var text: [UInt8]? { collected.bytes.isEmpty ? nil : collected.bytes }

    /// Notes that a title begins.
    mutating func begin() {
        count += 1
    }

    /// Adds text to the title; text of later titles is ignored.
    mutating func append(_ text: HTMLText, of page: Span<UInt8>) {
        guard count == 1 else { return }
        text.forEachPiece(in: page) { collected.append($0) }
    }
}
