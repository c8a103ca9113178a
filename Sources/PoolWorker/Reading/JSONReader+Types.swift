// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension JSONReader {
    /// The text of the string.
    ///
    /// - Throws: `JSONReaderError` if the value is missing or not a string, or contains a lone surrogate (RFC
    ///   8259 §8.2).
    public var string: String {
        get throws(JSONReaderError) {
            let value = try value(.string, "a string")
            guard let bytes = text.span.text(of: value) else {
                throw error("holds half a surrogate pair, which is not a character", at: value)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The truth value.
    ///
    /// - Throws: `JSONReaderError` if the value is missing, or neither `true` nor `false`.
    public var bool: Bool {
        get throws(JSONReaderError) {
            let value = try present()
            guard value.kind == .true || value.kind == .false else {
                throw mismatch(value, "true or false")
            }
            return value.kind == .true
        }
    }

    /// The number, rounded to the nearest `Double`.
    ///
    /// For decimals that must stay exact, such as prices, use ``numberText``.
    ///
    /// - Throws: `JSONReaderError` if the value is missing, not a number, or too large for `Double`, such as
    ///   `1e400`.
    public var double: Double {
        get throws(JSONReaderError) {
            let value = try value(.number, "a number")
            guard let number = text.span.double(of: value) else {
                throw error("is \(shown(value)), which is too large for Double", at: value)
            }
            return number
        }
    }

    /// The number as it is written, such as `19.90`.
    ///
    /// - Throws: `JSONReaderError` if the value is missing or not a number.
    public var numberText: String {
        get throws(JSONReaderError) {
            let value = try value(.number, "a number")
            return String(decoding: text[value.range], as: UTF8.self)
        }
    }

    /// Returns the number as an integer, never rounded.
    ///
    /// `1.0` and `1e3` are integers too.
    ///
    /// - Throws: `JSONReaderError` if the value is missing, not an integer, or outside of the range of
    ///   `type`.
    public func integer<Number: FixedWidthInteger>(
        as type: Number.Type = Int.self
    ) throws(JSONReaderError) -> Number {
        let value = try value(.number, "a number")
        guard let decimal = ExactDecimal(text.span.extracting(value.range)) else {
            throw error("is \(shown(value)), not an integer", at: value)
        }
        guard let number = decimal.integer(as: type) else {
            let range = "\(Number.min) to \(Number.max)"
            throw error("is \(shown(value)), which is outside of \(type) (\(range))", at: value)
        }
        return number
    }

    /// The JSON text of the value, as it is written.
    ///
    /// - Throws: `JSONReaderError` if the value is missing.
    public var jsonText: String {
        get throws(JSONReaderError) { String(decoding: text[try present().range], as: UTF8.self) }
    }

    // MARK: Checks

    /// Returns the value, or throws if the path leads to no value.
    func present() throws(JSONReaderError) -> JSONValue {
        switch place {
        case .value(let value): return value
        case .missing(let step, let parent): throw missing(step, parent)
        case .notContainer(let value, let expected): throw mismatch(value, expected)
        }
    }

    func value(_ kind: JSONValue.Kind, _ expected: String) throws(JSONReaderError) -> JSONValue {
        let value = try present()
        guard value.kind == kind else { throw mismatch(value, expected) }
        return value
    }

    private func shown(_ value: JSONValue) -> String {
        let most = 40
        let start = String(decoding: text[value.range].prefix(most), as: UTF8.self)
        return value.range.count > most ? start + "…" : start
    }
}
