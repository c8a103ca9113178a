// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

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
    /// Workers of one command in a row that could not be run or ended without having had a task, after which the pool
    /// cannot start, unless another one is at work or another command can start; 1 or more.
    package var failedStartLimit = 5
    /// Which of the two pools of one run it is, 0 or 1: they share no number of a sending.
    package var seqOffset = 0
    /// What the random part of those numbers comes from; nobody outside may know it.
    package var seed: UInt64 = 0
    /// The time for which a worker may take from its start to its first line.
    package var startDeadline: PoolTime.Milliseconds = 60_000
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
    /// True if a trusted worker that had tasks of the same affinity last is given a few more of them than it works on, which wait
    /// there for a moment.
    ///
    /// A host that asks to be left alone meanwhile is asked by those few all the same, as by what is in flight. `false` where a
    /// task must begin when it is sent, as where so many begin a second.
    package var waitsForAffinity = true
    /// True if a trusted worker is believed that it cannot answer because our spool is full.
    package var heedsFullSpool = false
    /// The most tasks that a `hello` may say its worker has in hand at once.
    package var mostConcurrency = 10_000
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
