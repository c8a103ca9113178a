// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import PoolWorker

/// The processor `json`, which reports whether a body is valid JSON (RFC 8259).
///
/// For a valid body, the result holds the value's type and the body's size in bytes. It also holds the value,
/// if the value is small (`maxValueBytes`) and common readers of JSON accept it (`PortableJSON`).
///
/// An invalid body is no error: the result is `{"valid":false,"error":"… at byte N"}`, with N counted from 0.
/// A byte order mark in front is skipped, as RFC 8259 §8.1 allows. A valid body is UTF-8, and its arrays and
/// objects are at most 512 deep.
package struct JSONProcessor: SynchronousProcessor {
    package static let name = "json"
    package static let takes = BodyKind.json

    /// The length of the longest value in a result, in bytes of compact JSON.
    package static let maxValueBytes = 64 << 10

    package init() {}

    package func process(_ response: FetchedResponse) throws -> JSONResult {
        let text = response.body.span
        let hasMark = text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONScanner.document(in: text, range: (hasMark ? 3 : 0)..<text.count)
        } catch {
            return ["valid": false, "error": error.description]
        }
        var copy = CompactJSON(value, in: text, maxBytes: Self.maxValueBytes)
        if let whole = copy, !PortableJSON.allows(whole.bytes) { copy = nil }
        return JSONResult { writer in
            writer.beginObject()
            writer.name("valid")
            writer.bool(true)
            writer.name("type")
            writer.string(Self.typeName(value.kind))
            writer.name("bytes")
            writer.integer(response.body.count)
            if let copy {
                writer.name("value")
                writer.raw(copy.bytes)
            }
            writer.endObject()
        }
    }

    private static func typeName(_ kind: JSONValue.Kind) -> String {
        switch kind {
        case .object: "object"
        case .array: "array"
        case .string: "string"
        case .number: "number"
        case .true, .false: "boolean"
        case .null: "null"
        }
    }
}
