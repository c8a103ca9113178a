// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWorker

/// The kinds of bodies that a processor accepts.
///
/// The `Content-Type` of a response decides. If there are several such fields, the last one that names a
/// media type decides. `*/*` counts as no media type. Without a media type, the first bytes of the body
/// decide. The first bytes also decide if the media type is `unknown/unknown` or `application/unknown`.
public enum BodyKind: Hashable, Sendable {
    /// Any body.
    case anything
    /// `text/html` and `application/xhtml+xml`.
    case html
    /// JSON types: `application/json`, `text/json`, and types that end in `+json` (RFC 6839 §3.1).
    case json

    /// Checks that `processor` accepts a response.
    ///
    /// - Throws: `TaskFailure` if the processor does not accept the response.
    func check(_ response: FetchedResponse, for processor: String) throws {
        guard self != .anything else { return }
        let name = self == .html ? "HTML" : "JSON"
        if let type = response.mediaType {
            guard includes(type) else {
                throw TaskFailure("the \(processor) processor takes \(name), and this response is \(type)")
            }
        } else if !begins(response.body.span) {
            let lack =
                response.contentType == nil
                ? "has no Content-Type" : "has a Content-Type that names no media type"
            throw TaskFailure(
                "the \(processor) processor takes \(name); this response \(lack), and its body does not begin like \(name)"
            )
        }
    }

    private func includes(_ type: String) -> Bool {
        switch self {
        case .anything: true
        case .html: type == "text/html" || type == "application/xhtml+xml"
        case .json: type == "application/json" || type == "text/json" || type.hasSuffix("+json")
        }
    }

    /// Returns true if a body begins like this kind.
    ///
    /// HTML begins with `<!`, or with `<` and a letter. JSON begins with `{` or `[`. A byte order mark and
    /// blanks may come first.
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

extension FetchedResponse {
    /// The media type that browsers read from the `Content-Type` fields, without parameters and in lower
    /// case; `nil` if the type is missing or unknown.
    ///
    /// If ``contentType`` is not the last of these fields in ``header``, only ``contentType`` counts.
    var mediaType: String? {
        let fields = values(of: "content-type")
        let type = MediaType(values: fields.last == contentType ? fields : contentType.map { [$0] } ?? [])
        // For these two types, browsers look at the body (MIME Sniffing Standard §7).
        let unknown = ["unknown/unknown", "application/unknown"]
        return type.flatMap { unknown.contains($0.essence) ? nil : $0.essence }
    }

    /// True for a response of the type `application/xhtml+xml`, which browsers read as XML.
    var isXHTML: Bool { mediaType == "application/xhtml+xml" }
}
