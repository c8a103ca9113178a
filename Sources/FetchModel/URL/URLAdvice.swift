// SPDX-License-Identifier: MIT
// fetchpool

/// Finds out why a line that does not begin with a scheme of ours is no URL, so that the message says what to change.
enum URLAdvice {
    /// Why a text that begins with no scheme is refused.
    static func refusalWithoutScheme(_ bytes: Span<UInt8>) -> URLRefusal {
        if let start = startOfURL(in: bytes) { return inFront(bytes, start) }
        if let shown = withScheme(bytes) { return .missingScheme(suggestion: shown) }
        return .noURL(shown: URLReader.excerpt(bytes, from: 0, to: bytes.count, limit: 40))
    }

    /// Why a text that begins with a scheme of `end` bytes that is none of ours is refused.
    static func refusalOfScheme(_ bytes: Span<UInt8>, end: Int) -> URLRefusal {
        if let start = startOfURL(in: bytes) { return inFront(bytes, start) }
        if looksLikePort(bytes, from: end + 1), let shown = withScheme(bytes) {
            return .missingScheme(suggestion: shown)
        }
        return .unsupportedScheme(URLReader.excerpt(bytes, from: 0, to: end, limit: 32))
    }

    /// Where an http or https URL begins behind the start of a line; `nil` if none does.
    ///
    /// One that stands behind a slash or a question mark is a part of the line's own URL.
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
        let text = URLReader.excerpt(bytes, from: 0, to: start, limit: 40)
        return .textInFront(text, byte: start + 1)
    }

    /// The line with `https://` in front, if that makes a URL of it.
    private static func withScheme(_ bytes: Span<UInt8>) -> String? {
        var start = 0
        while start < min(bytes.count, 2), bytes[start] == UInt8(ascii: "/") { start += 1 }
        guard start < bytes.count else { return nil }
        var url = Array("https://".utf8)
        for index in start..<bytes.count { url.append(bytes[index]) }
        guard (try? TargetURL(reading: url.span)) != nil else { return nil }
        return "https://" + URLReader.excerpt(bytes, from: start, to: bytes.count, limit: 100)
    }

    /// True if a port follows: then the line is `localhost:8080/x`, whose host only looks like a scheme.
    private static func looksLikePort(_ bytes: Span<UInt8>, from start: Int) -> Bool {
        var end = start
        while end < bytes.count, URLBytes.isDigit(bytes[end]) { end += 1 }
        return 1...5 ~= end - start && (end == bytes.count || bytes[end] == UInt8(ascii: "/"))
    }

    /// The sentence about a text that stands in front of a URL, as it was cut for a message.
    static func sentence(about text: String, byte: Int) -> String {
        let rest = text.drop { $0 == " " || $0 == "\t" }
        guard let first = rest.unicodeScalars.first else {
            return "blanks stand in front of the URL; remove them"
        }
        switch first {
        case "\"", "'", "`", "\u{201C}", "\u{2018}", "\u{AB}", "\u{201E}":
            return rest.unicodeScalars.count == 1
                ? "the URL stands in quotes; write it without them" : row(text, byte)
        case "<": return "the URL stands in angle brackets; write it without them"
        case "[":
            return "the line looks like a JSON array; write each URL on a line of its own, without quotes"
        case "(": return "the URL stands in brackets; write it without them"
        default: break
        }
        if isInvisible(first), rest.unicodeScalars.allSatisfy({ isInvisible($0) || $0 == " " }) {
            let number = String(first.value, radix: 16, uppercase: true)
            let code = String(repeating: "0", count: max(0, 4 - number.count)) + number
            return "an invisible character, U+\(code), stands in front of the URL; remove it"
        }
        if text.contains(where: { $0 == "," || $0 == ";" || $0 == "\t" || $0 == "?" }) {
            return row(text, byte)
        }
        return "the URL begins only at byte \(byte), behind '\(text)'; remove what stands in front of it"
    }

    private static func row(_ text: String, _ byte: Int) -> String {
        "the line looks like a row of a table, with the URL at byte \(byte); "
            + #"give the URL alone, or a task such as {"url":"https://example.com/x","meta":"…"}"#
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x80...0xA0, 0xAD, 0x2000...0x200F, 0x2028...0x202F, 0x205F...0x2064, 0x3000, 0xFEFF: true
        default: false
        }
    }
}
