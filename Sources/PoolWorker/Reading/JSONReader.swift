// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A value in a JSON text, with access by names and by types.
///
///     let url = try task.json["url"].string
///     let limit = try task.json["meta"]["limit"].optional?.integer(as: UInt16.self) ?? 100
///     let names = try task.json["meta"]["names"].elements.map { try $0.string }
///
/// Nothing is decoded in advance: each access searches the text. Properties such as ``string`` throw if the
/// value is missing or has another type. The error is a sentence that names the value and its place. The
/// whole text was checked before the first access: it is valid JSON in UTF-8, with arrays and objects at
/// most 512 deep.
///
/// The reader needs no Foundation. All readers of a text share its bytes, so copies of a reader are cheap.
public struct JSONReader: Sendable {
    /// The types of JSON values (RFC 8259 §3); `true` and `false` share one type.
    public enum Kind: String, Sendable {
        /// Members in braces.
        case object
        /// Elements in brackets.
        case array
        /// A text in quotes.
        case string
        /// A number of any size.
        case number
        /// `true` or `false`.
        case bool
        /// `null`.
        case null
    }

    /// The place to which a path leads.
    enum Place: Sendable {
        case value(JSONValue)
        /// A member or an element that `parent` does not have; `parent` can be `null`.
        case missing(Step, parent: JSONValue)
        /// A value other than `null` that the next step of the path cannot enter; `expected` is "an object"
        /// or "an array".
        case notContainer(JSONValue, expected: String)
    }

    /// The bytes to which all ranges refer.
    let text: [UInt8]
    /// The range of the whole document in `text`; places in errors are counted from its start.
    let document: Range<Int>
    let place: Place

    init(text: [UInt8], document: Range<Int>, place: Place) {
        (self.text, self.document, self.place) = (text, document, place)
    }

    /// Creates a reader of the object at a range of `text`; the caller must have checked the object.
    init(object: Range<Int>, of text: [UInt8]) {
        self.init(text: text, document: object, place: .value(JSONValue(kind: .object, range: object)))
    }

    /// Creates a reader of a JSON text, which is checked as a whole.
    ///
    /// - Throws: `JSONReaderError` if the text is not valid JSON (RFC 8259) in UTF-8, or nests deeper than
    ///   512 arrays and objects.
    public init(_ text: [UInt8]) throws(JSONReaderError) {
        do throws(JSONSyntaxError) {
            let value = try JSONScanner.document(in: text.span, range: 0..<text.count)
            self.init(text: text, document: 0..<text.count, place: .value(value))
        } catch {
            throw JSONReaderError(.invalid(error), in: text, document: 0..<text.count)
        }
    }

    /// Creates a reader of a JSON text, which is checked as a whole.
    ///
    /// - Throws: `JSONReaderError`, as `init(_:)` for bytes does.
    public init(_ text: String) throws(JSONReaderError) {
        try self.init(Array(text.utf8))
    }

    /// The type of the value; `nil` if the path leads to no value.
    public var kind: Kind? {
        guard case .value(let value) = place else { return nil }
        return Kind(value.kind)
    }

    /// This reader, or `nil` if the value is missing or `null`.
    ///
    /// If a step of the path needs an object or an array, and finds another value that is not `null`, the
    /// result is this reader. Its properties, such as ``string``, then throw.
    public var optional: JSONReader? {
        switch place {
        case .value(let value): value.kind == .null ? nil : self
        case .missing: nil
        case .notContainer: self
        }
    }
}

extension JSONReader.Kind {
    init(_ kind: JSONValue.Kind) {
        self =
            switch kind {
            case .object: .object
            case .array: .array
            case .string: .string
            case .number: .number
            case .true, .false: .bool
            case .null: .null
            }
    }
}
