// SPDX-License-Identifier: MIT
// fetchpool

/// A line on a worker's standard output that is no message.
package struct UnusableLine: Hashable, Sendable {
    /// The line's first bytes, 200 at most.
    package var shown: String
    /// What is wrong with it, and where.
    package var reason: String
    /// The line's length in bytes, as far as it was read.
    package var bytes: Int
    /// True if it begins as an answer does.
    package var isAnswerLike: Bool
    /// The numbers it seems to name, in their order.
    package var numbers: [Int]
    /// True if it was too long to be read to its end.
    package var isTooLong: Bool

    /// Describes a line.
    package init(
        shown: String,
        reason: String,
        bytes: Int,
        isAnswerLike: Bool = false,
        numbers: [Int] = [],
        isTooLong: Bool = false
    ) {
        (self.shown, self.reason, self.bytes) = (shown, reason, bytes)
        (self.isAnswerLike, self.numbers, self.isTooLong) = (isAnswerLike, numbers, isTooLong)
    }

    /// For the record of the task that the line was to answer.
    var complaint: String { "its worker's answer cannot be used: \(reason): '\(shown)'" }
}
