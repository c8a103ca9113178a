// SPDX-License-Identifier: MIT
// fetchpool

/// A line on a worker's standard output that is not a message, or the part of a line before a message.
package struct UnusableLine: Hashable, Sendable {
    /// At most 200 bytes of the line: the first bytes, or the bytes around the error.
    ///
    /// The text from the first secret member on is left out (`SecretMembers`).
    package var shown: String
    /// The error in the line, and its position if there is one.
    package var reason: String
    /// The number of bytes that count for `Garbage.isFlood`.
    package var bytes: Int
    /// True if the line begins with `{`, perhaps after blanks, as a result does.
    package var isResultLike: Bool
    /// The sending numbers that the line seems to contain, in their order; at most 8.
    ///
    /// If `isResultLike` is false, the numbers end no task.
    package var numbers: [Int]
    /// True for the first part of a line that is too long to be read to its end.
    package var isTooLong: Bool
    /// True for a further part of a line that is too long.
    package var isFurtherPart: Bool

    /// Creates the description of a line.
    package init(
        shown: String,
        reason: String,
        bytes: Int,
        isResultLike: Bool = false,
        numbers: [Int] = [],
        isTooLong: Bool = false,
        isFurtherPart: Bool = false
    ) {
        (self.shown, self.reason, self.bytes) = (shown, reason, bytes)
        (self.isResultLike, self.numbers, self.isTooLong) = (isResultLike, numbers, isTooLong)
        self.isFurtherPart = isFurtherPart
    }

    /// The error message for the task whose result was this line.
    var complaint: String { "its worker's result cannot be used: \(reason): '\(shown)'" }
}
