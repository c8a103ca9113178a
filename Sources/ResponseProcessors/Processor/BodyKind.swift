// SPDX-License-Identifier: MIT
// fetchpool

import PoolWorker

/// The kinds of bodies that a processor accepts, recognised by `Content-Type` or, without it, by the first
/// bytes.
public enum BodyKind: Hashable, Sendable {
    /// Any body.
    case anything
    /// `text/html` and `application/xhtml+xml`.
    case html
    /// JSON types: `application/json`, `text/json`, and types that end in `+json` (RFC 6839 §3.1).
    case json

    /// Checks that `processor` accepts a response.
    ///
    /// - Throws: `TaskFailure` if the processor does not accept the response. The message names this kind and
    ///   the response's type.
    func check(_ response: FetchedResponse, for processor: String) throws {
        guard self != .anything else { return }
        let name = self == .html ? "HTML" : "JSON"
        if let type = response.contentType.flatMap(Self.mediaType) {
            guard includes(type) else {
                throw TaskFailure("the \(processor) processor takes \(name), this is \(type)")
            }
        } else if !begins(response.body.span) {
            throw TaskFailure(
                "the \(processor) processor takes \(name); this has no Content-Type and does not begin like \(name)"
            )
        }
    }

    /// Returns the media type without parameters, in lower case; `nil` if `value` contains none.
    private static func mediaType(of value: String) -> String? {
        let type = value.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",") }
        let text = String(decoding: type.filter { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self).lowercased()
        return text.utf8.contains(UInt8(ascii: "/")) ? text : nil
    }

    private func includes(_ type: String) -> Bool {
        switch self {
        case .anything: true
        case .html: type == "text/html" || type == "application/xhtml+xml"
        case .json: type == "application/json" || type == "text/json" || type.hasSuffix("+json")
        }
    }

    /// Returns true if a body begins like this kind: HTML with `<!` or `<` and a letter, JSON with `{` or
    /// `[`.
    ///
    /// The body may have a byte order mark and blanks before this.
    private func begins(_ body: Span<UInt8>) -> Bool {
        var start = body.count >= 3 && body[0] == 0xEF && body[1] == 0xBB && body[2] == 0xBF ? 3 : 0
        while start < body.count, body[start] <= 0x20 { start += 1 }
        guard start < body.count else { return false }
        let first = body[start]
        if self == .json { return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") }
        guard first == UInt8(ascii: "<"), start + 1 < body.count else { return false }
        let second = body[start + 1]
        return second == UInt8(ascii: "!") || (second | 0x20) &- UInt8(ascii: "a") < 26
    }
}
