// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

/// The settings of a pool.
package struct PoolOptions: Hashable, Sendable {
    /// The most workers that live at once; 1 or more.
    package var workers: Int
    /// The number of commands, which are spread over the workers by slot; 1 or more.
    package var commands = 1
    /// True if all workers are started at once, and not as tasks come.
    package var startsAll = false
    /// The number of retries of a task that killed its worker, if the task may be sent twice; 0 for none.
    package var crashRetries = 1
    /// The number of failed starts in a row of one command after which the pool ends, 1 or more.
    ///
    /// The pool goes on while another worker is at work or another command can start.
    package var failedStartLimit = 5
    /// The number of this pool among the two of a run, 0 or 1; the pools share no sending number.
    package var seqOffset = 0
    /// The seed for the random part of those numbers; it must be secret.
    package var seed: UInt64 = 0
    /// The longest time from a worker's start to its first line.
    package var startDeadline: PoolTime.Milliseconds = 60_000
    /// The longest time that a worker may work on one task; `nil` for no limit.
    ///
    /// When it is over, the worker is ended, and so is the task.
    package var taskDeadline: PoolTime.Milliseconds?
    /// The number of tasks for one worker before another replaces it; `nil` for no limit, else 1 or more.
    package var tasksPerLife: Int?
    /// The most resident memory of a worker, in KiB; `nil` for no limit.
    package var memoryLimitKB: Int?
    /// True if an idle spare worker is kept once workers have died of tasks, to replace a dead one at once.
    package var keepsSpare = false
    /// True if a concurrent worker gets tasks that it cannot begin yet, so that it need not wait for the
    /// next.
    ///
    /// It is `false` if a task must begin when it is sent, because it must not begin later.
    package var sendsAhead = true
    /// True if a trusted worker may get a few tasks beyond its window that are better done by it.
    ///
    /// These tasks wait in the worker for a moment. If a host asks for a pause meanwhile, it still gets these
    /// few requests. It is `false` if a task must begin when it is sent, for example because of a rate limit.
    package var waitsForAffinity = true
    /// True if the pool believes a trusted worker which says that it cannot send results because the spool is
    /// full.
    package var heedsFullSpool = false
    /// The highest concurrency that a `hello` may announce.
    package var mostConcurrency = 10_000
    /// The names, as in `hello`, of trusted workers.
    ///
    /// They say `start` before non-repeatable work, and end each of their tasks in time by themselves. When
    /// any other concurrent worker dies, its non-repeatable tasks may have begun, and are not repeated. A
    /// trusted worker has no `taskDeadline`; a task's own `bound` applies instead.
    package var trustedNames: Set<String> = []

    /// Creates the settings of a pool of `workers` workers.
    package init(workers: Int) {
        precondition(workers > 0)
        self.workers = workers
    }
}
