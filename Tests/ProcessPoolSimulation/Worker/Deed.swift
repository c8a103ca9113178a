// SPDX-License-Identifier: MIT
// fetchpool

/// What a task does to the worker that works on it.
enum Deed: Equatable {
    /// It is done.
    case work
    /// The worker dies of it: on reading it, halfway, with half of the answer written, with all of it written.
    case dieOnReading, dieHalfway, dieInAnswer, dieAfterAnswer
    /// It never ends; a worker that is frozen does nothing more at all.
    case hang(isFrozen: Bool)
    /// The worker prints an answer that cannot be read, with its number or without.
    case babble, mumble
    /// It prints a dozen lines of text, then answers.
    case chatter
    /// It prints text without end.
    case flood
    /// It prints half of its answer and takes it for given; what it says next stands behind that in the same line.
    case tear
    /// It takes more memory than it may.
    case outgrow
    /// It closes its output and lives on.
    case closeOutput
    /// It says `bye` and leaves, as if all were well.
    case leave
}
