// SPDX-License-Identifier: MIT
// fetchpool

/// The numbers that shape a pool.
package struct PoolOptions: Hashable, Sendable {
    /// Workers that live at once, at most; 1 or more.
    package var workers: Int
    /// Commands that the workers are dealt over, by slot; 1 or more.
    package var commands = 1
    /// Whether all workers are started at once, rather than as tasks come.
    package var startsAll = false
    /// Further tries for a task whose worker died of it, if it may be sent twice; 0 for none.
    package var crashRetries = 1
    /// Failed starts in a row over the whole pool after which it cannot start; 1 or more.
    package var failedStartLimit = 5
    /// Added to each sending's number times 16, so that pools of one run share no number.
    ///
    /// From 0 to 15.
    package var seqOffset = 0
    /// How long a worker may work on one task, from the moment it turned to it; `nil` for no limit.
    ///
    /// Then it is ended, and the task with it.
    package var taskDeadline: PoolTime.Milliseconds?
    /// How many tasks one worker is given before another takes its place; `nil` for no limit, else 1 or more.
    package var tasksPerLife: Int?
    /// The most memory that a worker may hold resident, in KiB; `nil` for no limit.
    package var memoryLimitKB: Int?
    /// Whether a worker more is kept started and idle once workers have died of tasks, to take a dead one's place at once.
    package var keepsSpare = false
    /// Whether a worker with many in hand is given tasks that it cannot begin yet, so that it need not wait for the next.
    ///
    /// `false` where a task must begin when it is sent, because it may not begin later.
    package var sendsAhead = true
    /// Names, as in `hello`, of workers known to say `start` before work that may not be repeated, and to end each of
    /// their tasks in time by themselves.
    ///
    /// At the death of any other concurrent worker, work in hand that may not be repeated may have begun, and is not
    /// done again. `taskDeadline` is not for these: a task's own `bound` is.
    package var trustedNames: Set<String> = []

    /// Describes a pool of `workers` workers.
    package init(workers: Int) {
        precondition(workers > 0)
        self.workers = workers
    }
}
