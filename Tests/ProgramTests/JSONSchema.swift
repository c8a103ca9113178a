// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms

/// A JSON Schema with those keywords of draft 2020-12 that the schemas of fetchpool use.
struct JSONSchema {
    private let root: JSONText

    /// Reads a schema from its JSON text.
    ///
    /// - Throws: `DecodingError` if the text is not JSON.
    init(_ text: String) throws { root = try JSONText(text) }

    /// Returns the faults of a value; each fault begins with the path of the faulty part of the value.
    ///
    /// The array is empty if the value is valid. The keyword `format` is not checked.
    ///
    /// - Throws: `ProgramError` for a `$ref` without a definition; an error of `Regex` for an invalid
    ///   pattern. `ProgramError` also if an object is checked by an unknown keyword, or by a keyword with a
    ///   value of the wrong type.
    func faults(of value: JSONText) throws -> [String] { try faults(of: value, at: "", root) }

    private func faults(of value: JSONText, at place: String, _ schema: JSONText) throws -> [String] {
        guard case .object(let keywords) = schema else {
            return schema == .bool(true) ? [] : ["\(place): is not allowed"]
        }
        var faults: [String] = []
        for (keyword, rule) in keywords {
            faults += try check(keyword, rule, value, at: place, keywords)
        }
        return faults
    }

    private func check(
        _ keyword: String,
        _ rule: JSONText,
        _ value: JSONText,
        at place: String,
        _ keywords: [String: JSONText]
    ) throws -> [String] {
        func fault(_ isThere: Bool) -> [String] { isThere ? ["\(place): \(keyword)"] : [] }
        switch (keyword, rule) {
        case ("$schema", _), ("$id", _), ("title", _), ("description", _), ("$defs", _), ("format", _),
            ("then", _), ("else", _):
            return []
        case ("$ref", .string(let name)):
            let definition = root["$defs"]?[String(name.dropFirst("#/$defs/".count))]
            guard let definition else { throw ProgramError(description: "\(name) does not exist") }
            return try faults(of: value, at: place, definition)
        case ("type", .string(let type)): return fault(!Self.isOf(type, value))
        case ("type", .array(let types)):
            return fault(
                !types.contains { if case .string(let type) = $0 { Self.isOf(type, value) } else { false } }
            )
        case ("const", _): return fault(value != rule)
        case ("enum", .array(let values)): return fault(!values.contains(value))
        case ("minimum", .number(let least)):
            if case .number(let number) = value { return fault(number < least) }
            return []
        case ("maximum", .number(let most)):
            if case .number(let number) = value { return fault(number > most) }
            return []
        case ("pattern", .string(let pattern)):
            guard case .string(let text) = value else { return [] }
            return fault(try Regex(pattern).firstMatch(in: text) == nil)
        case ("not", _): return fault(try faults(of: value, at: place, rule).isEmpty)
        case ("if", _):
            let branch = try faults(of: value, at: place, rule).isEmpty ? "then" : "else"
            return try keywords[branch].map { try faults(of: value, at: place, $0) } ?? []
        case ("items", _), ("minItems", _), ("maxItems", _):
            guard case .array(let elements) = value else { return [] }
            return try check(keyword, rule, elements, at: place)
        default:
            guard case .object(let members) = value else { return [] }
            return try check(keyword, rule, members, at: place, keywords)
        }
    }

    private func check(
        _ keyword: String,
        _ rule: JSONText,
        _ elements: [JSONText],
        at place: String
    ) throws
        -> [String]
    {
        let count = Double(elements.count)
        switch (keyword, rule) {
        case ("minItems", .number(let least)): return count < least ? ["\(place): minItems"] : []
        case ("maxItems", .number(let most)): return count > most ? ["\(place): maxItems"] : []
        default: return try elements.flatMap { try faults(of: $0, at: place + "[]", rule) }
        }
    }

    private func check(
        _ keyword: String,
        _ rule: JSONText,
        _ members: [String: JSONText],
        at place: String,
        _ keywords: [String: JSONText]
    ) throws -> [String] {
        switch (keyword, rule) {
        case ("required", .array(let names)):
            return names.compactMap { name in
                guard case .string(let text) = name, members[text] == nil else { return nil }
                return "\(place): lacks '\(text)'"
            }
        case ("properties", .object(let rules)):
            return try rules.flatMap { name, rule in
                try members[name].map { try faults(of: $0, at: "\(place)/\(name)", rule) } ?? []
            }
        case ("propertyNames", _):
            return try members.keys.flatMap { try faults(of: .string($0), at: "\(place)/\($0)", rule) }
        case ("additionalProperties", _):
            var named: Set<String> = []
            if case .object(let rules)? = keywords["properties"] { named = Set(rules.keys) }
            return try members.filter { !named.contains($0.key) }.flatMap { name, value in
                try faults(of: value, at: "\(place)/\(name)", rule)
            }
        default: throw ProgramError(description: "the keyword '\(keyword)' is not known")
        }
    }

    private static func isOf(_ type: String, _ value: JSONText) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("number", .number), ("string", .string), ("array", .array),
            ("object", .object):
            true
        case ("integer", .number(let number)): number == number.rounded()
        default: false
        }
    }
}
