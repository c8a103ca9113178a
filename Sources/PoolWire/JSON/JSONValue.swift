// SPDX-License-Identifier: MIT
// fetchpool

/// The kind and the range of one value in a JSON text.
package struct JSONValue: Hashable, Sendable {
    /// The seven kinds of values in RFC 8259 §3.
    package enum Kind: UInt8, Sendable {
        case object, array, string, number, `true`, `false`, null
    }

    /// The kind of the value.
    package var kind: Kind
    /// The range of the value's bytes, including quotes or brackets, without surrounding blanks.
    package var range: Range<Int>
    /// True if the value is a string with a backslash: its text differs from its bytes.
    package var isEscaped: Bool

    /// Creates the description of a value at `range`.
    package init(kind: Kind, range: Range<Int>, isEscaped: Bool = false) {
        self.kind = kind
        self.range = range
        self.isEscaped = isEscaped
    }

    /// The range between the quotes of a string; not valid for other kinds.
    package var inside: Range<Int> { range.lowerBound + 1..<range.upperBound - 1 }
}

/// One member of an object.
package struct JSONMember: Hashable, Sendable {
    /// The name, a string.
    package var name: JSONValue
    /// The value, whose syntax was checked.
    package var value: JSONValue
}
