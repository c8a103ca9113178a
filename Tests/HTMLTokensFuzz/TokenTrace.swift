// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens

/// The tokens of a page with their text, up to the first token with a fault.
struct TokenTrace {
    /// A line for each token.
    private(set) var lines: [String] = []
    /// A fault of the last token; `nil` if no token has a fault.
    private(set) var fault: String?

    /// Reads a page.
    ///
    /// The name of a start tag sets the syntax, as for tags outside of svg and math in a browser that runs
    /// scripts. After the first start tag of svg or math, CDATA sections are allowed.
    init(of page: Span<UInt8>) {
        var tokenizer = HTMLTokenizer()
        var position = 0
        while fault == nil {
            let token = tokenizer.next(in: page)
            guard token.kind != .end else { break }
            note(token, page)
            if tokenizer.position <= position { fault = "the tokenizer stands still at \(position)" }
            if token.range.lowerBound < position || token.range.upperBound > tokenizer.position {
                fault = "\(token) is not between \(position) and \(tokenizer.position)"
            }
            if token.kind == .startTag { choose(for: token, page, &tokenizer) }
            position = tokenizer.position
        }
    }

    private func choose(for token: HTMLToken, _ page: Span<UInt8>, _ tokenizer: inout HTMLTokenizer) {
        switch text(HTMLText(plain: token.range), page).lowercased() {
        case "title", "textarea": tokenizer.syntax = .rcdata
        case "style", "xmp", "iframe", "noframes", "noembed", "noscript": tokenizer.syntax = .rawText
        case "script": tokenizer.syntax = .script
        case "plaintext": tokenizer.syntax = .plainText
        case "svg", "math": tokenizer.allowsCDATA = true
        default: break
        }
    }

    private mutating func note(_ token: HTMLToken, _ page: Span<UInt8>) {
        var line = "\(token.kind) \(token.isSelfClosing) \(token.isClosed)"
        switch token.kind {
        case .text: line += text(HTMLText(token), page)
        case .doctype:
            let doctype = HTMLDoctype(token, in: page)
            for range in [doctype.name, doctype.publicID, doctype.systemID].compactMap({ $0 }) {
                line += " \(text(HTMLText(plain: range), page))"
            }
        case .startTag, .endTag:
            line += " \(text(HTMLText(plain: token.range), page))"
            var cursor = HTMLAttributeCursor(at: token.attributes.lowerBound)
            while case .attribute(let attribute) = cursor.next(in: page) {
                line +=
                    " \(text(HTMLText(plain: attribute.name), page))=\(text(HTMLText(valueOf: attribute), page))"
                if attribute.value.upperBound > token.attributes.upperBound {
                    fault = "an attribute ends after its tag"
                }
            }
            if cursor.position != token.attributes.upperBound + 1 {
                fault = "a tag ends at another index when it is read again"
            }
        case .comment, .end: line += text(HTMLText(plain: token.range), page)
        }
        lines.append(line)
    }

    private func text(_ text: HTMLText, _ page: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        text.append(from: page, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Checks all events of a page.
enum EventTrace {
    /// Reads a page and returns the first fault; `nil` if there is none.
    static func fault(of page: Span<UInt8>, noscript: HTMLReader.Noscript) -> String? {
        var reader = HTMLReader(noscript: noscript)
        // Each event except the last covers at least one byte of the page.
        var events = 0
        while events <= page.count {
            switch reader.next(in: page) {
            case .pageEnd: return nil
            case .text(let text, _):
                if text.range.upperBound > page.count || text.range.isEmpty {
                    return "\(text) is empty or out of bounds"
                }
            case .start(_, let token):
                if token.attributes.upperBound >= page.count { return "\(token) is out of bounds" }
            case .end: break
            }
            events += 1
        }
        return "there are more events than bytes in the page"
    }
}
