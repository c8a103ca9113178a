// SPDX-License-Identifier: MIT
// fetchpool

/// The effect of a task on its worker.
enum Behavior: Equatable {
    /// The worker does the task, and writes the result.
    case work
    /// The worker dies of the task: when it begins the task, halfway, after half of the result, or after the
    /// whole result.
    case dieOnReading, dieHalfway, dieInResult, dieAfterResult
    /// The worker does not finish the task; a frozen worker also stops all other work, and sends no beats.
    ///
    /// A child coordinator that is not frozen ends the task after a long time, and writes a result.
    case hang(isFrozen: Bool)
    /// The worker prints an unreadable result, with the task's number (`babble`) or without it (`mumble`).
    ///
    /// A concurrent or trusted worker always prints the number.
    case babble, mumble
    /// The worker prints a dozen lines of text, and then the result.
    case chatter
    /// The worker prints more text than allowed, and sends no result.
    case flood
    /// The worker prints half of its result and continues; its next message follows on the same line.
    case tear
    /// The worker uses more memory than allowed, and sends no result.
    case outgrow
    /// The worker closes its output and stays alive.
    case closeOutput
    /// The worker exits with status 0, in most cases after a `bye`.
    case leave
}
