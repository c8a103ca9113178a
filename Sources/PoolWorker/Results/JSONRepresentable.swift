// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A value that can stand in a `JSONResult`.
///
/// Strings, integers, floating-point numbers, Booleans, arrays and optionals of such values, string-keyed dictionaries and
/// `JSONResult` itself can; a type of yours can by saying what it stands for.
public protocol JSONRepresentable {
    /// The value as JSON.
    var json: JSONResult { get }
}

extension String: JSONRepresentable {
    /// A JSON string.
    public var json: JSONResult { JSONResult { $0.string(self) } }
}

extension Bool: JSONRepresentable {
    /// `true` or `false`.
    public var json: JSONResult { JSONResult { $0.bool(self) } }
}

extension Int: JSONRepresentable {
    /// A JSON number.
    ///
    /// Readers that use doubles keep it exact up to 2^53 (RFC 8259 §6).
    public var json: JSONResult { JSONResult { $0.integer(self) } }
}

extension Double: JSONRepresentable {
    /// A JSON number, in the shortest form that reads back the same; `null` if it is not finite (RFC 8259 §6).
    public var json: JSONResult {
        guard isFinite else { return JSONResult.null }
        return JSONResult { $0.raw(Array(description.utf8)) }
    }
}

extension Optional: JSONRepresentable where Wrapped: JSONRepresentable {
    /// The value, or `null`.
    public var json: JSONResult { self?.json ?? .null }
}

extension Array: JSONRepresentable where Element: JSONRepresentable {
    /// A JSON array.
    public var json: JSONResult {
        JSONResult { writer in
            writer.beginArray()
            for element in self { writer.raw(element.json.bytes) }
            writer.endArray()
        }
    }
}

extension Dictionary: JSONRepresentable where Key == String, Value: JSONRepresentable {
    /// A JSON object, its members in the order of their names, so that equal values give equal bytes.
    public var json: JSONResult {
        JSONResult { writer in
            writer.beginObject()
            for (name, value) in sorted(by: { $0.key < $1.key }) {
                writer.member(name, value.json)
            }
            writer.endObject()
        }
    }
}

extension JSONWriter {
    /// Writes a member whose name is not known before.
    mutating func member(_ name: String, _ value: JSONResult) {
        string(name)
        verbatim(":")
        raw(value.bytes)
    }
}
