// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A value that can be part of a `JSONResult`.
///
/// Conforming types are `String`, `Int`, `Double`, `Bool` and `JSONResult`. Arrays, optionals and
/// dictionaries with `String` keys conform if their elements do. A type of your own conforms by returning its
/// JSON.
public protocol JSONRepresentable {
    /// The value as JSON.
    var json: JSONResult { get }
}

extension String: JSONRepresentable {
    /// The value as a JSON string.
    public var json: JSONResult { JSONResult { $0.string(self) } }
}

extension Bool: JSONRepresentable {
    /// The value as `true` or `false`.
    public var json: JSONResult { JSONResult { $0.bool(self) } }
}

extension Int: JSONRepresentable {
    /// The value as a JSON number.
    ///
    /// A reader that uses doubles gets the exact number if the magnitude is at most 2^53 (RFC 8259 §6).
    public var json: JSONResult { JSONResult { $0.integer(self) } }
}

extension Double: JSONRepresentable {
    /// The value as a JSON number, in the shortest form that is read as the same value; `null` if the value
    /// is not finite (RFC 8259 §6).
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
    /// The elements as a JSON array.
    public var json: JSONResult {
        JSONResult { writer in
            writer.beginArray()
            for element in self { writer.raw(element.json.bytes) }
            writer.endArray()
        }
    }
}

extension Dictionary: JSONRepresentable where Key == String, Value: JSONRepresentable {
    /// The members as a JSON object, in the order of their names, so that equal values give equal bytes.
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
    /// Writes a member whose name is only known at run time.
    mutating func member(_ name: String, _ value: JSONResult) {
        string(name)
        verbatim(":")
        raw(value.bytes)
    }
}
