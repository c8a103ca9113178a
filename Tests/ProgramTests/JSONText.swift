// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// A JSON value that tells numbers from Boolean values: `1` does not equal `true`.
enum JSONText: Decodable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONText])
    case object([String: JSONText])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSONText].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSONText].self))
        }
    }

    /// Reads a JSON text.
    ///
    /// - Throws: `DecodingError` if the text is not JSON.
    init(_ text: String) throws {
        self = try JSONDecoder().decode(JSONText.self, from: Data(text.utf8))
    }

    /// The member `name` of an object; `nil` if there is none, or if the value is not an object.
    subscript(name: String) -> JSONText? {
        if case .object(let members) = self { members[name] } else { nil }
    }
}
