// SPDX-License-Identifier: MIT
// fetchpool

import HTMLTokens

/// A token with all its text, for comparisons in tests.
enum ShownToken: Equatable, CustomStringConvertible {
    case text(String)
    case startTag(String, [ShownAttribute], isSelfClosing: Bool)
    case endTag(String)
    case comment(String)
    case doctype(String?, publicID: String?, systemID: String?, forcesQuirks: Bool)

    var description: String {
        switch self {
        case .text(let text): "\(text.debugDescription)"
        case .startTag(let name, let attributes, let isSelfClosing):
            "<\(name)\(attributes.map { " \($0.name)=\($0.value.debugDescription)" }.joined())\(isSelfClosing ? "/" : "")>"
        case .endTag(let name): "</\(name)>"
        case .comment(let text): "<!--\(text)-->"
        case .doctype(let name, let publicID, let systemID, let forcesQuirks):
            "<!DOCTYPE \(name ?? "-") \(publicID ?? "-") \(systemID ?? "-")\(forcesQuirks ? " quirks" : "")>"
        }
    }
}

/// An attribute with all its text.
struct ShownAttribute: Equatable {
    let name: String
    let value: String
}

extension ShownToken {
    /// Returns the tokens of a page, with adjacent texts joined.
    ///
    /// `lastStartTag` is the name of the last start tag before the page; it is empty if there is none.
    static func all(
        of html: [UInt8],
        syntax: HTMLSyntax = .data,
        allowsCDATA: Bool = false,
        lastStartTag: String = ""
    ) -> [ShownToken] {
        // The tokenizer reads the name of the last start tag from its input, so `bytes` begins with the name.
        let bytes = Array(lastStartTag.utf8) + html
        let page = bytes.span
        var tokenizer = HTMLTokenizer(
            at: lastStartTag.utf8.count,
            lastStartTag: 0..<lastStartTag.utf8.count
        )
        tokenizer.syntax = syntax
        tokenizer.allowsCDATA = allowsCDATA
        var (tokens, text) = ([ShownToken](), [UInt8]())
        while true {
            let token = tokenizer.next(in: page)
            if token.kind == .text {
                HTMLText(token).append(from: page, to: &text)
                continue
            }
            if !text.isEmpty { tokens.append(.text(String(decoding: text, as: UTF8.self))) }
            text = []
            guard token.kind != .end else { return tokens }
            tokens.append(ShownToken(token, page))
        }
    }

    /// Creates the shown form of a token that is neither text nor the end of the page.
    init(_ token: HTMLToken, _ page: Span<UInt8>) {
        switch token.kind {
        case .startTag:
            self = .startTag(
                Self.name(token.range, page),
                Self.attributes(of: token, page),
                isSelfClosing: token.isSelfClosing
            )
        case .endTag: self = .endTag(Self.name(token.range, page))
        case .comment: self = .comment(Self.string(HTMLText(plain: token.range), page))
        case .doctype:
            let doctype = HTMLDoctype(token, in: page)
            self = .doctype(
                doctype.name.map { Self.name($0, page) },
                publicID: doctype.publicID.map { Self.string(HTMLText(plain: $0), page) },
                systemID: doctype.systemID.map { Self.string(HTMLText(plain: $0), page) },
                forcesQuirks: doctype.forcesQuirks
            )
        case .text, .end: preconditionFailure("\(token.kind) has no shown form")
        }
    }

    private static func attributes(of token: HTMLToken, _ page: Span<UInt8>) -> [ShownAttribute] {
        var cursor = HTMLAttributeCursor(at: token.attributes.lowerBound)
        var shown: [ShownAttribute] = []
        while case .attribute(let attribute) = cursor.next(in: page) {
            let name = name(attribute.name, page)
            // The first attribute with each name counts.
            guard !shown.contains(where: { $0.name == name }) else { continue }
            shown.append(ShownAttribute(name: name, value: string(HTMLText(valueOf: attribute), page)))
        }
        return shown
    }

    private static func string(_ text: HTMLText, _ page: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        text.append(from: page, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Returns a name in lower case.
    private static func name(_ range: Range<Int>, _ page: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        HTMLText(plain: range).append(from: page, to: &bytes)
        return String(decoding: bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
