// SPDX-License-Identifier: MIT
// fetchpool

/// The error for a text that is not valid JSON (RFC 8259), nests too deep, or lacks the expected form.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible, Sendable {
    /// The reason as text for people, such as "expected ':' after a name".
    package let reason: String
    /// The position of the error, in bytes from the start of the text; 0 if no position is known.
    package let offset: Int

    /// True if arrays and objects nest too deep; the text before `offset` then has no error.
    package var isTooDeep: Bool { reason.hasPrefix(Self.tooDeep) }

    /// The first words of the reason if arrays and objects nest too deep.
    static let tooDeep = "nested deeper than"

    /// Creates an error at `offset`.
    package init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason) at byte \(offset)" }
}
