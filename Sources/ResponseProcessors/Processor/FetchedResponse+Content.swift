// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWorker
import TextEncodings

extension FetchedResponse {
    /// The body as text, decoded as browsers do.
    ///
    /// The encoding comes from the first of these sources that names an encoding of the Encoding Standard: a
    /// byte order mark; the response header; a declaration in the body, if the body is HTML or XML or has no
    /// media type. In XML, a `meta` element declares no encoding. Without such a source, the encoding is
    /// UTF-8 if the bytes are valid UTF-8, and windows-1252 otherwise. Bytes that do not fit the encoding
    /// become U+FFFD; decoding never fails.
    ///
    /// The body is decoded at each access, so keep the text in a constant.
    public var text: String {
        let page = PageEncoding(of: body.span, label: charset, language: language)
        return String(decoding: page.decode(body), as: UTF8.self)
    }

    /// Returns the value of a header field, by a name in any letter case; `nil` if there is no such field.
    ///
    /// The values of several fields with this name are joined by `", "` (RFC 9110 §5.3). The values of
    /// `Set-Cookie` may contain commas; use ``values(of:)`` for them.
    public subscript(header name: String) -> String? {
        let values = values(of: name)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Returns the values of all header fields called `name`, in the order received; `name` may be in any
    /// letter case.
    public func values(of name: String) -> [String] {
        header.filter { Self.isSame($0.name, name) }.map(\.value)
    }

    /// The body as JSON, which is checked as a whole; a byte order mark is skipped.
    ///
    /// - Throws: `JSONReaderError` if the body is not one JSON text in UTF-8.
    public var json: JSONReader {
        get throws(JSONReaderError) {
            try JSONReader(body.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(body[3...]) : body)
        }
    }

    /// The user's task object, with `url`, `id`, `meta` and all other members.
    ///
    /// - Throws: `JSONReaderError` if ``task`` is not valid JSON; fetchpool passes only valid JSON.
    public var taskJSON: JSONReader {
        get throws(JSONReaderError) { try JSONReader(task) }
    }

    /// The language of the body by its media type; HTML if there is no media type.
    private var language: PageEncoding.Language {
        guard let type = mediaType, type != "text/html" else { return .html }
        return type.hasSuffix("/xml") || type.hasSuffix("+xml") ? .xml : .other
    }

    /// Returns true if two names of fields differ at most in letter case; the names are ASCII (RFC 9110
    /// §5.1).
    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8) { lowered($0) == lowered($1) }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
