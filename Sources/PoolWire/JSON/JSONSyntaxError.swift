// SPDX-License-Identifier: MIT
// fetchpool

/// A text that is not JSON as RFC 8259 defines it, or not what the reader asked for.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible, Sendable {
    /// What is wrong, for people: a phrase such as "expected ':' after a name".
    package let reason: String
    /// Where, in bytes from the start of the text.
    package let offset: Int

    /// True if the text nests too deep, and breaks no rule before that.
    package var isTooDeep: Bool { reason.hasPrefix(Self.tooDeep) }

    /// How the reason for such a fault begins.
    static let tooDeep = "nested deeper than"

    /// Describes a fault at `offset`.
    package init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason) at byte \(offset)" }
}
