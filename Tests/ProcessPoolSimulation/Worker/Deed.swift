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
    /// The worker prints a line that cannot be passed over in place of an answer.
    case babble
    /// It prints a dozen lines that can, then answers.
    case chatter
    /// It prints half of its answer and takes it for given: whatever it says next makes one bad line with that.
    case tear
    /// It takes more memory than it may.
    case outgrow
    /// It closes its output and lives on.
    case closeOutput
    /// It says `bye` and leaves, as if all were well.
    case leave
}
