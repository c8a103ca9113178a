// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A value that can be part of a `JSONResult`.
///
/// Conforming types are `String` and `Substring`, the integer types, `Double` and `Float`, `Bool`,
/// `JSONResult` and `JSONReader`. Arrays, array slices, optionals, and dictionaries with `String` keys
/// conform if their elements or values do. Your own types can conform too.
public protocol JSONRepresentable {
    /// The value as JSON.
    var json: JSONResult { get }
}

extension String: JSONRepresentable {
    /// The value as a JSON string.
    public var json: JSONResult { JSONResult { $0.string(self) } }
}

extension Substring: JSONRepresentable {
    /// The value as a JSON string.
    public var json: JSONResult { String(self).json }
}

extension Bool: JSONRepresentable {
    /// The value as `true` or `false`.
    public var json: JSONResult { JSONResult { $0.bool(self) } }
}

extension Optional: JSONRepresentable where Wrapped: JSONRepresentable {
    /// The value, or `null`.
    public var json: JSONResult { self?.json ?? .null }
}

extension Array: JSONRepresentable where Element: JSONRepresentable {
    /// The elements as a JSON array.
    public var json: JSONResult { JSONResult(elements: lazy.map { $0 }) }
}

extension ArraySlice: JSONRepresentable where Element: JSONRepresentable {
    /// The elements as a JSON array.
    public var json: JSONResult { JSONResult(elements: lazy.map { $0 }) }
}

extension Dictionary: JSONRepresentable where Key == String, Value: JSONRepresentable {
    /// The members as a JSON object, in the order of their names, so that equal values give equal bytes.
    ///
    /// Values that are `nil` become `null`. Only dictionary literals of `JSONResult` leave out such members.
    public var json: JSONResult {
        JSONResult(members: sorted { $0.key < $1.key }.lazy.map { ($0.key, $0.value) })
    }
}

extension JSONReader: JSONRepresentable {
    /// The value, on one line without blanks between its parts; `null` if there is no value.
    ///
    /// A value that nests deeper than 500 arrays and objects fails the task.
    public var json: JSONResult {
        guard case .value(let value) = place else { return .null }
        guard let compact = CompactJSON(value, in: text.span, maxBytes: .max) else {
            return JSONResult(fault: .tooDeep)
        }
        return JSONResult(oneLine: compact.bytes, depth: compact.depth, fault: nil)
    }
}
