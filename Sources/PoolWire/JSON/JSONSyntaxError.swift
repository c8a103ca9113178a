// SPDX-License-Identifier: MIT
// fetchpool

/// The error for a text that is not JSON as RFC 8259 defines it, or is not a message that the reader
/// expected.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible, Sendable {
    /// The reason for people: a phrase such as "expected ':' after a name".
    package let reason: String
    /// The position of the error, in bytes from the start of the text.
    package let offset: Int

    /// True if the text nests too deep, and breaks no rule before that point.
    package var isTooDeep: Bool { reason.hasPrefix(Self.tooDeep) }

    /// The first words of the reason if the text nests too deep.
    static let tooDeep = "nested deeper than"

    /// Creates an error at `offset`.
    package init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason) at byte \(offset)" }
}
