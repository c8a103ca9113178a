// SPDX-License-Identifier: MIT
// fetchpool

/// A task that was answered.
package struct AcceptedAnswer: Hashable, Sendable {
    /// The submitter's name for the task.
    package var token: Int
    /// How long its worker had it in hand: for a sequential worker since it turned to it, else since it was sent.
    package var nanosecondsInHand: Int
    /// How many workers had a try at it: 1, and one more for each death it was blamed for.
    package var tries: Int
}
