// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens

/// The numbers of tags, links and other parts of pages.
///
/// These numbers show if generated pages are like real pages.
struct PageComposition: Sendable, Hashable {
    /// The size of each page in bytes.
    private(set) var sizes: [Int] = []
    /// The number of start tags and end tags.
    private(set) var tags = 0
    /// The number of attributes of start tags.
    private(set) var attributes = 0
    /// The number of links: `a` and `area` with an `href`.
    private(set) var links = 0
    /// The number of `&` before a letter or `#` in text outside of scripts and styles, and in the values of
    /// attributes; most of these are character references.
    private(set) var references = 0
    /// The number of comments.
    private(set) var comments = 0
    /// The number of words in texts outside of scripts and styles.
    private(set) var words = 0
    /// The bytes in tags, with their brackets.
    private(set) var tagBytes = 0
    /// The bytes in comments, without marks such as `<!--` and `-->`.
    private(set) var commentBytes = 0
    /// The bytes between the tags of scripts and styles.
    private(set) var codeBytes = 0
    /// The bytes of text outside of scripts and styles, blanks included.
    private(set) var textBytes = 0
    /// The blank bytes of text outside of scripts and styles.
    private(set) var blankBytes = 0
    /// The bytes that are not ASCII.
    private(set) var otherBytes = 0

    /// The number of all bytes.
    var bytes: Int { sizes.reduce(0, +) }

    /// Adds a page in UTF-8.
    mutating func add(_ page: [UInt8]) {
        sizes.append(page.count)
        otherBytes += page.count { $0 >= 0x80 }
        let bytes = page.span
        var tokenizer = HTMLTokenizer()
        var start = 0
        while true {
            let token = tokenizer.next(in: bytes)
            switch token.kind {
            case .startTag:
                addStartTag(token, bytes)
                tagBytes += tokenizer.position - start
                tokenizer.syntax = Self.syntaxes[token.name] ?? .data
            case .endTag:
                tags += 1
                tagBytes += tokenizer.position - start
            case .text: addText(token, bytes)
            case .comment:
                comments += 1
                commentBytes += token.range.count
            case .doctype: break
            case .end: return
            }
            start = tokenizer.position
        }
    }

    /// The most frequent elements whose contents are not markup, with the syntax of the contents.
    private static let syntaxes: [HTMLName: HTMLSyntax] = [
        HTMLName("script".utf8Span.span): .script, HTMLName("style".utf8Span.span): .rawText,
        HTMLName("title".utf8Span.span): .rcdata, HTMLName("textarea".utf8Span.span): .rcdata,
    ]
    private static let linkNames = [HTMLName("a".utf8Span.span), HTMLName("area".utf8Span.span)]

    private mutating func addStartTag(_ tag: HTMLToken, _ page: Span<UInt8>) {
        tags += 1
        var cursor = HTMLAttributeCursor(at: tag.attributes.lowerBound)
        while case .attribute(let attribute) = cursor.next(in: page) {
            attributes += 1
            references += Self.references(in: page.extracting(attribute.value))
        }
        if Self.linkNames.contains(tag.name), tag.attribute("href", in: page) != nil { links += 1 }
    }

    private mutating func addText(_ token: HTMLToken, _ page: Span<UInt8>) {
        let text = page.extracting(token.range)
        guard token.syntax == .data || token.syntax == .rcdata else {
            codeBytes += text.count
            return
        }
        textBytes += text.count
        references += Self.references(in: text)
        var isInWord = false
        for index in text.indices {
            let isBlank = text[index] <= 0x20
            if isBlank { blankBytes += 1 } else if !isInWord { words += 1 }
            isInWord = !isBlank
        }
    }

    /// Returns the number of `&` before a letter or `#`.
    private static func references(in text: Span<UInt8>) -> Int {
        var count = 0
        for index in text.indices.dropLast() where text[index] == UInt8(ascii: "&") {
            let next = text[index + 1]
            if next == UInt8(ascii: "#") || (next | 0x20) &- UInt8(ascii: "a") < 26 { count += 1 }
        }
        return count
    }
}
