// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// The advice about a worker command that takes tasks and writes nothing, such as a filter that waits for the
/// end of its input.
///
/// The advice is given at most once: when a worker of the pool has had a task for 5 s, and no worker of the
/// pool has shown that it can start. With `--hosts`, the advice is never given.
struct SilenceHint {
    /// The time for which a worker may have a task without writing a line, in nanoseconds.
    private static let patience = 5_000_000_000

    /// The number of the pool that runs the user's commands.
    let pool: Int
    private let names: String
    private var isOver = false

    /// Creates a hint about the commands of a pool.
    init(pool: Int, _ commands: [WorkerCommand]) {
        self.pool = pool
        names = commands.map { "'\($0.shownName)'" }.joined(separator: " or ")
    }

    /// Returns the advice if it is due now; otherwise `nil`.
    ///
    /// `hasHeard` is true once a worker of the pool has shown that it can start; with `--hosts`, it is always
    /// true. Each worker has had its oldest task for some time; `longest` is the largest of these times, in
    /// nanoseconds.
    mutating func sentence(hasHeard: @autoclosure () -> Bool, longest: @autoclosure () -> Int) -> String? {
        guard !isOver else { return nil }
        isOver = hasHeard()
        guard !isOver, longest() >= Self.patience else { return nil }
        isOver = true
        return
            "fetchpool: a worker of \(names) was given a task 5 s ago, and none of these workers has written a line; a worker must write the result of each task before it reads the next task, and must not wait for the end of its input; a worker that takes long to start must send hello first (see WorkerProtocol.md)"
    }
}
