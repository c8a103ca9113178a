// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// The advice for a command whose workers take tasks and say nothing, as a filter does that waits for the end of its input.
///
/// It comes long before a deadline does, and once.
struct SilenceHint {
    /// The time for which a worker may have a task in hand without a word.
    private static let patience = 5_000_000_000

    /// The pool whose workers are the user's own.
    let pool: Int
    private let names: String
    private var isOver = false

    /// A hint about the commands of a pool.
    init(pool: Int, _ commands: [WorkerCommand]) {
        self.pool = pool
        names = commands.map { "'\($0.shownName)'" }.joined(separator: ", ")
    }

    /// The sentence to say now, if any; asked only while it may come.
    ///
    /// `hasHeard` is true once any worker of the pool has said a line; `longest` tells for how many nanoseconds one has had a task in hand.
    mutating func sentence(hasHeard: @autoclosure () -> Bool, longest: @autoclosure () -> Int) -> String? {
        guard !isOver else { return nil }
        isOver = hasHeard()
        guard !isOver, longest() >= Self.patience else { return nil }
        isOver = true
        return
            "fetchpool: \(names) was given a task 5 s ago and has said nothing; a worker answers each line before it reads the next, without waiting for the end of its input, and one that takes long to start says hello first (see WorkerProtocol.md)"
    }
}
