// SPDX-License-Identifier: MIT
// fetchpool

/// The kind and the range of one value in a JSON text.
///
/// It owns no bytes.
package struct JSONValue: Hashable, Sendable {
    /// The seven kinds of RFC 8259 §3; `true` and `false` are two of them.
    package enum Kind: UInt8, Sendable {
        case object, array, string, number, `true`, `false`, null
    }

    /// The kind of the value.
    package var kind: Kind
    /// The range of the value's bytes, with quotes and brackets, without blanks around it.
    package var range: Range<Int>
    /// True if a string holds a backslash, so that its text differs from its bytes.
    package var isEscaped: Bool

    /// Creates the description of a value at `range`.
    package init(kind: Kind, range: Range<Int>, isEscaped: Bool = false) {
        self.kind = kind
        self.range = range
        self.isEscaped = isEscaped
    }

    /// The range between a string's quotes; only for strings.
    package var inside: Range<Int> { range.lowerBound + 1..<range.upperBound - 1 }
}

/// One member of an object: its name and its value.
package struct JSONMember: Hashable, Sendable {
    /// The name, a string.
    package var name: JSONValue
    /// The value, already checked.
    package var value: JSONValue
}
