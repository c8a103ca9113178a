// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// The result of a task: any JSON value, stored as its text.
///
/// Build it like a dictionary. Members whose value is `nil` are left out:
///
///     return ["title": title, "links": links, "count": links.count]
public struct JSONResult: Hashable, Sendable, JSONRepresentable {
    /// The value's text: valid JSON in UTF-8, on one line.
    package let bytes: [UInt8]

    /// JSON's `null`.
    public static let null = JSONResult { $0.raw(Array("null".utf8)) }

    /// Creates a value from the output of `write`, which must be exactly one value without line feeds.
    package init(_ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        write(&writer)
        bytes = writer.take()
    }

    /// Creates a value from a Swift value.
    public init(_ value: some JSONRepresentable) {
        self = value.json
    }

    /// Creates a value from a JSON text, such as the output of `JSONEncoder`, as a single line without
    /// blanks.
    ///
    /// U+0085, U+2028 and U+2029, at which some readers end a line, become escapes.
    ///
    /// - Throws: `TaskFailure` if the text is not valid JSON, or nests deeper than 500 arrays and objects.
    public init(text: [UInt8]) throws {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONScanner.document(in: text.span, range: 0..<text.count)
        } catch {
            throw TaskFailure("the result is not valid JSON: \(error.description)")
        }
        guard let compact = CompactJSON(value, in: text.span, maxBytes: .max) else {
            throw TaskFailure("the result nests deeper than \(CompactJSON.maxDepth) arrays and objects")
        }
        bytes = compact.bytes
    }

    /// Creates a value from a JSON text, as a single line without blanks.
    ///
    /// U+0085, U+2028 and U+2029, at which some readers end a line, become escapes.
    ///
    /// - Throws: `TaskFailure` if the text is not valid JSON, or nests deeper than 500 arrays and objects.
    public init(text: String) throws {
        try self.init(text: Array(text.utf8))
    }

    /// This value.
    public var json: JSONResult { self }
}

extension JSONResult: ExpressibleByDictionaryLiteral {
    /// Creates an object with the members in the given order, without those that are `nil`.
    public init(dictionaryLiteral members: (String, (any JSONRepresentable)?)...) {
        self.init { writer in
            writer.beginObject()
            for case (let name, let value?) in members { writer.member(name, value.json) }
            writer.endObject()
        }
    }
}

extension JSONResult: ExpressibleByArrayLiteral {
    /// Creates an array.
    public init(arrayLiteral elements: any JSONRepresentable...) {
        self.init { writer in
            writer.beginArray()
            for element in elements { writer.raw(element.json.bytes) }
            writer.endArray()
        }
    }
}

extension JSONResult: CustomStringConvertible {
    /// The JSON text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
