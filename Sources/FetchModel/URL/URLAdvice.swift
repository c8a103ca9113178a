// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import WebURL

/// The reasons for refusing a line that does not begin with a supported scheme.
enum URLAdvice {
    /// Returns the reason why a text without a scheme is refused.
    static func refusalWithoutScheme(_ bytes: Span<UInt8>) -> URLRefusal {
        if let start = startOfURL(in: bytes) { return inFront(bytes, start) }
        if let host = hostBehindTornScheme(in: bytes) {
            let scheme = bytes[4] | 0x20 == UInt8(ascii: "s") ? "https" : "http"
            let shown = Excerpt.of(bytes, from: host, to: bytes.count, limit: 100)
            return .missingColon(suggestion: "\(scheme)://\(shown)")
        }
        if let shown = withScheme(bytes) { return .missingScheme(suggestion: shown) }
        return .noURL(shown: URLSecrets.excerpt(bytes, limit: 40), remedy: remedy(bytes))
    }

    private static let jsonRemedy =
        "if it is a part of a JSON text, write each task on a line of its own, as with jq -c '.[]'"

    /// The part of a message that says what to write in place of a text that is no URL.
    static let usual = "write one such as https://example.com/x"

    /// Returns the part of a message that says what to change.
    private static func remedy(_ bytes: Span<UInt8>) -> String {
        if looksLikeJSON(bytes) { return jsonRemedy }
        let separators: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09]
        guard bytes.indices.contains(where: { separators.contains(bytes[$0]) }) else { return usual }
        return "\(usual), or give --input-format csv or tsv if it belongs to a table with a header"
    }

    /// Returns true if a line is probably a part of a JSON text.
    private static func looksLikeJSON(_ bytes: Span<UInt8>) -> Bool {
        let text = bytes.array(0..<min(bytes.count, 1_000)).filter { $0 > 0x20 }
        guard let first = text.first else { return false }
        if first == UInt8(ascii: "[") || text.allSatisfy({ "{}[],".utf8.contains($0) }) { return true }
        guard first == UInt8(ascii: "\"") else { return false }
        return zip(text, text.dropFirst()).contains { $0 == UInt8(ascii: "\"") && $1 == UInt8(ascii: ":") }
    }

    /// Returns the reason why a text with a scheme that is not supported is refused.
    static func refusalOfScheme(_ bytes: Span<UInt8>) -> URLRefusal {
        if let start = startOfURL(in: bytes) { return inFront(bytes, start) }
        let authority = URLAuthority(in: bytes)
        let end = authority.colon ?? 0
        if looksLikePort(bytes, from: end + 1) {
            if let shown = withScheme(bytes) { return .missingScheme(suggestion: shown) }
            let withScheme = Array("https://".utf8) + bytes.array(0..<bytes.count)
            do throws(URLRefusal) { _ = try TargetURL(reading: withScheme.span) } catch {
                if case .portOutOfRange = error { return error }
            }
        }
        if !authority.hasSlashes, URLSecrets.removed(from: bytes) != nil {
            return .noURL(shown: URLSecrets.excerpt(bytes, limit: 40), remedy: remedy(bytes))
        }
        return .unsupportedScheme(Excerpt.of(bytes, from: 0, to: end, limit: 32))
    }

    /// Returns the index at which an http or https URL begins after the start of a line; `nil` if there is no
    /// such URL.
    ///
    /// A URL after a slash, a question mark or a number sign is a part of the line's own URL.
    private static func startOfURL(in bytes: Span<UInt8>) -> Int? {
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): return nil
            case UInt8(ascii: "h"), UInt8(ascii: "H"):
                if index > 0, beginsURL(bytes, at: index) { return index }
            default: break
            }
            index += 1
        }
        return nil
    }

    /// Returns the index of the host in a text such as `http//host` or `https;//host`; `nil` for any other
    /// text.
    private static func hostBehindTornScheme(in bytes: Span<UInt8>) -> Int? {
        var index = 0
        while index < bytes.count, URLBytes.isLetter(bytes[index]) { index += 1 }
        let name = String(decoding: bytes.array(0..<min(index, 6)).map(URLBytes.lower), as: UTF8.self)
        guard name == "http" || name == "https" else { return nil }
        if index < bytes.count, ".,;".utf8.contains(bytes[index]) { index += 1 }
        guard index + 2 < bytes.count, bytes[index] == UInt8(ascii: "/"),
            bytes[index + 1] == UInt8(ascii: "/"), !URLBytes.isSlash(bytes[index + 2])
        else { return nil }
        return index + 2
    }

    private static func beginsURL(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        var letters: [UInt8] = []
        var index = start
        while index < bytes.count, letters.count < 6, URLBytes.isLetter(bytes[index]) {
            letters.append(bytes[index] | 0x20)
            index += 1
        }
        guard letters == Array("http".utf8) || letters == Array("https".utf8), index + 2 < bytes.count else {
            return false
        }
        return bytes[index] == UInt8(ascii: ":") && bytes[index + 1] == UInt8(ascii: "/")
            && bytes[index + 2] == UInt8(ascii: "/")
    }

    private static func inFront(_ bytes: Span<UInt8>, _ start: Int) -> URLRefusal {
        let text = Excerpt.of(bytes, from: 0, to: start, limit: 40)
        return .textInFront(text, byte: start + 1)
    }

    /// Returns the beginning of a line with `https://` in front; `nil` if `startOfHost` returns `nil`.
    private static func withScheme(_ bytes: Span<UInt8>) -> String? {
        guard let start = startOfHost(in: bytes) else { return nil }
        return "https://" + Excerpt.of(bytes, from: start, to: bytes.count, limit: 100)
    }

    /// Returns a text with `scheme` in front; `nil` if `startOfHost` returns `nil`.
    static func withScheme(_ scheme: TargetURL.Scheme, _ text: Span<UInt8>) -> [UInt8]? {
        let trimmed = text.extracting(Cleaning.trimmed(text))
        guard let start = startOfHost(in: trimmed) else { return nil }
        return Array(scheme == .http ? "http://".utf8 : "https://".utf8)
            + trimmed.array(start..<trimmed.count)
    }

    /// Returns the index of the host in a text that lacks only a scheme; `nil` for any other text.
    ///
    /// A text with a user name gives `nil`, because it is probably a mail address. A host name with
    /// punctuation other than dots, hyphens and underscores gives `nil`, because such a name is unlikely in a
    /// list of hosts.
    static func startOfHost(in bytes: Span<UInt8>) -> Int? {
        let hasSlashes =
            bytes.count > 1 && bytes[0] == UInt8(ascii: "/") && bytes[1] == UInt8(ascii: "/")
        let start = hasSlashes ? 2 : 0
        guard start < bytes.count, !URLBytes.isSlash(bytes[start]), hostBehindTornScheme(in: bytes) == nil
        else { return nil }
        var at = start
        while at < bytes.count, !URLBytes.isSlash(bytes[at]), bytes[at] != UInt8(ascii: "?"),
            bytes[at] != UInt8(ascii: "#")
        {
            if bytes[at] <= 0x20 || bytes[at] == UInt8(ascii: "%") { return nil }
            at += 1
        }
        // A text such as `mailto:/x` has a scheme that is not supported, rather than a host with an empty
        // port.
        if at > start, at < bytes.count, bytes[at - 1] == UInt8(ascii: ":") { return nil }
        guard
            let url = try? TargetURL(
                reading: (Array("https://".utf8) + bytes.array(start..<bytes.count)).span
            ),
            url.user == nil
        else { return nil }
        let isName = url.text[url.hostRange].allSatisfy {
            URLBytes.plainHost.contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":")
        }
        return isName ? start : nil
    }

    /// Returns true if a port begins at `start`, as in `localhost:8080/x`; the host then only looks like a
    /// scheme.
    private static func looksLikePort(_ bytes: Span<UInt8>, from start: Int) -> Bool {
        var end = start
        while end < bytes.count, URLBytes.isDigit(bytes[end]) { end += 1 }
        guard 1...5 ~= end - start else { return false }
        return end == bytes.count || URLBytes.isSlash(bytes[end]) || bytes[end] == UInt8(ascii: "?")
            || bytes[end] == UInt8(ascii: "#")
    }

    /// Returns the sentence about a text in front of a URL.
    ///
    /// `text` is an excerpt, and `byte` is the number of the URL's first byte. If `isInTable` is true, the
    /// URL is a field of a table, and the sentence recommends no other form of input.
    static func sentence(about text: String, byte: Int, isInTable: Bool = false) -> String {
        let inFront =
            "the URL begins only at byte \(byte), behind '\(text)'; remove the text before the URL"
        guard let first = text.unicodeScalars.first else { return inFront }
        let rowOrInFront = isInTable ? inFront : row(text, byte)
        switch first {
        case "\"" where !isInTable && text.contains("\":"):
            return "the URL at byte \(byte) stands behind text; \(jsonRemedy)"
        case "\"", "'", "`", "\u{201C}", "\u{2018}", "\u{AB}", "\u{201E}":
            return text.unicodeScalars.count == 1
                ? "the URL stands in quotes; write it without them" : rowOrInFront
        case "<":
            return text.unicodeScalars.count == 1
                ? "the URL stands in angle brackets; write it without them"
                : "the URL stands in markup, at byte \(byte); write it without the markup"
        case "[":
            if text.hasSuffix("](") { return "the URL stands in brackets; write it without them" }
            if isInTable { return inFront }
            return
                "the line looks like a JSON array; write each URL on a line of its own, without quotes, as with jq -r '.[]', or each task, as with jq -c '.[]'"
        case "(": return "the URL stands in brackets; write it without them"
        default: break
        }
        if isInvisible(first), text.unicodeScalars.allSatisfy({ isInvisible($0) || $0 == " " }) {
            let number = String(first.value, radix: 16, uppercase: true)
            let code = String(repeating: "0", count: max(0, 4 - number.count)) + number
            return "an invisible character, U+\(code), stands in front of the URL; remove it"
        }
        // An excerpt shows tabs as question marks.
        if text.contains(where: { $0 == "," || $0 == ";" || $0 == "?" }) {
            return rowOrInFront
        }
        return inFront
    }

    private static func row(_ text: String, _ byte: Int) -> String {
        "the line looks like a row of a table, with the URL at byte \(byte); "
            + #"give --input-format csv or tsv if the table has a header, or a task such as "#
            + #"{"url":"https://example.com/x","meta":"…"}"#
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x80...0xA0, 0xAD, 0x2000...0x200F, 0x2028...0x202F, 0x205F...0x2064, 0x3000, 0xFEFF: true
        default: false
        }
    }
}
