// SPDX-License-Identifier: MIT
// fetchpool

/// One value inside a JSON text: what it is and where it lies.
///
/// It owns no bytes.
package struct JSONValue: Hashable, Sendable {
    /// The seven kinds of RFC 8259 §3, `true` and `false` apart.
    package enum Kind: UInt8, Sendable {
        case object, array, string, number, `true`, `false`, null
    }

    /// What the value is.
    package var kind: Kind
    /// The value's bytes, quotes and brackets included, blanks around it not.
    package var range: Range<Int>
    /// Whether a string holds a backslash, so that its text differs from its bytes.
    package var isEscaped: Bool

    /// Describes a value that lies at `range`.
    package init(kind: Kind, range: Range<Int>, isEscaped: Bool = false) {
        self.kind = kind
        self.range = range
        self.isEscaped = isEscaped
    }

    /// The bytes between a string's quotes.
    package var inside: Range<Int> { range.lowerBound + 1..<range.upperBound - 1 }
}

/// One member of an object: its name and its value.
package struct JSONMember: Hashable, Sendable {
    /// The name, a string.
    package var name: JSONValue
    /// The value, already checked.
    package var value: JSONValue
}
