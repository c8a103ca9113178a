// SPDX-License-Identifier: MIT
// fetchpool

import FoundationEssentials
import PoolWire

/// Encodes values as JSON texts on one line, and decodes values from JSON texts.
///
/// This code handles common types itself, because Foundation takes microseconds for each value. Foundation
/// handles all other values, with its default settings.
package enum JSONCoding {
    // Threads may share both objects, because their settings are never changed.
    private static let encoder = JSONEncoder()
    private static let decoder = JSONDecoder()
    /// The text of `JSONEncoder` about a value that nests deeper than 511 arrays and objects.
    private static let tooDeep = "Unable to encode the given top-level value to JSON."

    /// Returns a function that appends the JSON text of a value.
    ///
    /// The function throws if the value cannot be expressed in JSON, such as a number that is not finite. The
    /// error is `UnusableJSON` if the value nests deeper than 500 arrays and objects.
    package static func encoder<Value: Encodable & Sendable>(
        of type: Value.Type
    ) -> @Sendable (Value, inout [UInt8]) throws -> Void {
        if type == Int.self {
            return { value, text in PlainJSON.append(cast(value, to: Int.self), to: &text) }
        }
        if type == String.self {
            return { value, text in PlainJSON.append(cast(value, to: String.self), to: &text) }
        }
        if type == Bool.self {
            return { value, text in text += cast(value, to: Bool.self) ? "true".utf8 : "false".utf8 }
        }
        if type == Double.self {
            return { value, text in
                let number = cast(value, to: Double.self)
                if number.isFinite { text += number.description.utf8 } else { try encode(value, &text) }
            }
        }
        return { value, text in try encode(value, &text) }
    }

    /// Returns a function that reads a value from a JSON text.
    ///
    /// The function throws if the text is not a value of this type.
    package static func decoder<Value: Decodable & Sendable>(
        of type: Value.Type
    ) -> @Sendable (Span<UInt8>) throws -> Value {
        if type == Int.self {
            // `map` would make an optional of a generic type, which costs more time than decoding the number.
            return { text in
                if let number = PlainJSON.integer(text) { return cast(number, to: Value.self) }
                return try decode(text)
            }
        }
        if type == String.self {
            return { text in
                if let string = PlainJSON.string(text) { return cast(string, to: Value.self) }
                return try decode(text)
            }
        }
        return { text in try decode(text) }
    }

    /// Returns a JSON text without the white space between its parts.
    ///
    /// - Throws: `UnusableJSON` if the text is not a JSON value, or nests deeper than 500 arrays and objects.
    package static func oneLine(_ text: [UInt8]) throws -> [UInt8] {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONScanner.document(in: text.span, range: 0..<text.count)
        } catch {
            throw UnusableJSON(description: "it cannot be read as JSON: \(error.description)")
        }
        guard let compact = CompactJSON(value, in: text.span, maxBytes: .max) else {
            throw UnusableJSON.tooDeep
        }
        return compact.bytes
    }

    private static func encode(_ value: some Encodable, _ text: inout [UInt8]) throws {
        let bytes: Data
        do {
            bytes = try encoder.encode(value)
        } catch EncodingError.invalidValue(_, let context) where context.debugDescription == tooDeep {
            throw UnusableJSON.tooDeep
        }
        let start = text.count
        text += bytes
        if JSONDepth.isTooGreat(text.span.extracting(start...)) { throw UnusableJSON.tooDeep }
        guard SingleLine.isNeeded(for: text.span.extracting(start...)) else { return }
        let line = SingleLine.copy(of: text.span.extracting(start...))
        text.replaceSubrange(start..., with: line)
    }

    private static func decode<Value: Decodable>(_ text: Span<UInt8>) throws -> Value {
        try decoder.decode(Value.self, from: Data(text.array(0..<text.count)))
    }

    /// Returns `value` as a `Target`; the callers have checked that both types are the same.
    @inline(__always)
    private static func cast<Value, Target: Sendable>(_ value: Value, to type: Target.Type) -> Target {
        unsafe unsafeBitCast(value, to: type)
    }
}

/// The reason why a value, or bytes, cannot be sent as JSON.
package struct UnusableJSON: Error, CustomStringConvertible {
    /// The reason, a clause whose subject "it" stands for the value or the bytes.
    package let description: String

    /// The reason for a text with too many levels.
    static let tooDeep = UnusableJSON(
        description: "it nests deeper than \(CompactJSON.maxDepth) arrays and objects"
    )
}
