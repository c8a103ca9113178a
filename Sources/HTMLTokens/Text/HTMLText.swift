// SPDX-License-Identifier: MIT
// fetchpool

/// The decoded characters of a part of a page.
///
/// Character references are decoded where the syntax has them. A carriage return, with or without a line feed
/// after it, becomes one line feed.
package struct HTMLText: Sendable {
    /// The treatment of zero bytes.
    package enum Zeros: Sendable {
        case kept
        /// Removed, as tree construction removes them from the text of HTML elements.
        case dropped
        /// Replaced by U+FFFD.
        case replaced
    }

    private enum References {
        case none, inText, inAttribute
    }

    /// The range of the text in the page.
    package let range: Range<Int>
    private let references: References
    private let zeros: Zeros

    /// Creates the text of a text token.
    ///
    /// `zeros` applies only to the syntaxes `data` and `cdata`; in other text, zero bytes are replaced.
    package init(_ token: HTMLToken, zeros: Zeros = .kept) {
        range = token.range
        switch token.syntax {
        case .data: (references, self.zeros) = (.inText, zeros)
        case .rcdata: (references, self.zeros) = (.inText, .replaced)
        case .cdata: (references, self.zeros) = (.none, zeros)
        case .rawText, .script, .plainText: (references, self.zeros) = (.none, .replaced)
        }
    }

    /// Creates the text of the value of `attribute`.
    package init(valueOf attribute: HTMLAttribute) {
        (range, references, zeros) = (attribute.value, .inAttribute, .replaced)
    }

    /// Creates a text without references at `range`: a comment, or a part of a DOCTYPE.
    package init(plain range: Range<Int>) {
        (self.range, references, zeros) = (range, .none, .replaced)
    }

    /// Calls `body` with the bytes of the text in UTF-8, piece by piece.
    package func forEachPiece(in page: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        let stop = references == .none ? UInt8(ascii: "\r") : UInt8(ascii: "&")
        var (start, index) = (range.lowerBound, range.lowerBound)
        while true {
            index = page.index(in: index..<range.upperBound, of: stop, UInt8(ascii: "\r"), 0)
            let next = index < range.upperBound ? replacement(at: index, in: page) : nil
            if next == nil, index < range.upperBound {
                index += 1
                continue
            }
            if index > start { body(page.extracting(start..<index)) }
            guard let next else { return }
            next.withBytes(body)
            (start, index) = (next.end, next.end)
        }
    }

    /// Adds the text to `bytes` in UTF-8.
    package func append(from page: Span<UInt8>, to bytes: inout [UInt8]) {
        forEachPiece(in: page) { piece in
            // The buffer is used only during the call, and covers the piece.
            unsafe piece.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        }
    }

    /// Returns the replacement for the bytes that begin at `index`; `nil` if the byte at `index` stays
    /// unchanged.
    private func replacement(at index: Int, in page: Span<UInt8>) -> Replacement? {
        switch page[index] {
        case 0:
            switch zeros {
            case .kept: return nil
            case .dropped: return Replacement(end: index + 1)
            case .replaced: return Replacement(0xFFFD, end: index + 1)
            }
        case UInt8(ascii: "\r"):
            let isPair = index + 1 < range.upperBound && page[index + 1] == UInt8(ascii: "\n")
            return Replacement(0x0A, end: index + (isPair ? 2 : 1))
        default:
            let place = references == .inAttribute ? CharacterReference.Place.attribute : .text
            guard let found = CharacterReference(at: index, to: range.upperBound, in: page, place: place)
            else { return nil }
            return Replacement(found.scalars.0, found.scalars.1, end: found.end)
        }
    }
}
