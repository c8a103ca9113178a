// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

/// The settings of a pool.
package struct PoolOptions: Hashable, Sendable {
    /// The number of workers that may get tasks at the same time, apart from spares; 1 or more.
    package var workers: Int
    /// The number of commands, 1 or more; the worker in slot n runs command n modulo this number.
    package var commands = 1
    /// True if an open pool starts all workers without waiting for tasks.
    package var startsAll = false
    /// The largest number of retries of a repeatable task that is blamed for deaths.
    ///
    /// Deaths of concurrent workers are counted separately (`PoolState.suspect`).
    package var crashRetries = 1
    /// The number of failed starts in a row after which the pool no longer relies on a command, 1 or more.
    ///
    /// The pool then ends, unless it can continue without the command (`PoolState.failedStart`). One failed
    /// start is enough if the command is not known yet (`CommandState.isKnown`), and another attempt cannot
    /// help, for example because the program is missing. In that case, the pool usually ends even if it could
    /// continue without the command.
    ///
    /// The number also limits how many workers may leave the same task behind (`PoolState.isLeftAgain`). A
    /// worker counts if its exit is not clean, or if the worker has sent no result at all.
    package var failedStartLimit = 5
    /// The number of this pool among the two pools of a run, 0 or 1; the pools share no sending number.
    package var seqOffset = 0
    /// The seed for the random part of the sending numbers; it must be secret.
    package var seed: UInt64 = 0
    /// The longest time to a worker's first line, from the start or from the first task of the worker,
    /// whichever is later.
    ///
    /// A worker without a task has no limit, except with `startsMachines`. If a worker may work without a
    /// `hello`, and `taskDeadline` is set, another limit applies (`PoolState.startLimit`).
    package var startDeadline: PoolTime.Milliseconds = 60_000
    /// The longest time that a worker may work on one task; `nil` for no limit.
    ///
    /// After this time the pool ends the worker and the task. The limit does not apply to trusted workers.
    package var taskDeadline: PoolTime.Milliseconds?
    /// The time between SIGTERM and SIGKILL.
    ///
    /// SIGKILL is sent immediately if a worker holds too much memory, if the pool gets `PoolEvent.stop`, or
    /// if workers cannot start.
    package var killDelay: PoolTime.Milliseconds = 1_000
    /// The time after which a worker without a task is told to exit; `nil` for no limit.
    ///
    /// No worker is told to exit for this reason while tasks are queued or expected. A worker that has sent
    /// no line is told to exit only if workers of its command work without a `hello`.
    package var idleTimeout: PoolTime.Milliseconds?
    /// True if each worker is sequential, sends `hello` before it begins a task, and sends a beat each
    /// second.
    ///
    /// The output of a task must not reach the worker's protocol output.
    ///
    /// Such a worker begins a task only after it has written the result of the previous task. So the worker
    /// may hold several tasks even if `crashRetries` is 0. An exit during a task is blamed on the task, even
    /// with exit status 0.
    package var beginsInOrder = false
    /// The number of tasks after which a new worker replaces a worker; `nil` for no limit, else 1 or more.
    package var tasksPerLife: Int?
    /// The most resident memory of a worker that has a task, in KiB; `nil` for no limit.
    package var memoryLimitKB: Int?
    /// True if the pool keeps an idle spare worker once a task was blamed for a death.
    package var keepsSpare = false
    /// True if a concurrent worker may hold more tasks than it works on.
    ///
    /// Set `sendsAhead` to `false` if each task must begin when it is sent.
    package var sendsAhead = true
    /// True if a trusted worker may hold tasks beyond its window because of their affinity
    /// (`PoolState.spareRoom`).
    ///
    /// The worker begins these tasks even if their host has asked for a pause since they were sent. Set
    /// `waitsForAffinity` to `false` if each task must begin when it is sent, for example because of a rate
    /// limit.
    package var waitsForAffinity = true
    /// True if the tasks of one affinity stay with one worker while this worker may get tasks, even if other
    /// workers are idle.
    ///
    /// A retry after a blamed death may go to any worker.
    package var keepsAffinity = false
    /// True if the pool does not end a trusted worker for a lack of results while the worker reports a full
    /// spool.
    package var respectsFullSpool = false
    /// True if trusted workers may be on other machines, so that a connection may be lost without notice.
    ///
    /// Such a worker gets a beat each second. Before work that must not be repeated, the worker waits until
    /// the pool has confirmed its `start`.
    package var workersAreRemote = false
    /// True if each command starts a child coordinator on a machine of its own.
    ///
    /// A child coordinator always sends `hello` first, even without a task. So it gets no task before its
    /// `hello`, which must come within `startDeadline`. A machine that cannot be used does not end the pool
    /// while another machine may still start.
    package var startsMachines = false
    /// The time for which starts must have failed before the pool no longer relies on a command whose child
    /// coordinators have sent results (`CommandState.runsCoordinators`).
    ///
    /// The network to another machine may fail for a while. `failedStartLimit` applies as well. The time does
    /// not apply if another attempt cannot help.
    package var reconnectTime: PoolTime.Milliseconds = 60_000
    /// The number of losses of a task after which each further loss counts as a death (`PoolState.suspect`).
    ///
    /// A loss is an end of the task's worker that probably had nothing to do with the task.
    package var lossLimit = 20
    /// The highest concurrency that the pool uses; a higher value in a `hello` is lowered.
    package var mostConcurrency = 10_000
    /// The names that trusted workers give in their `hello`.
    ///
    /// Trusted workers send `start` before non-repeatable work, and end each of their tasks in time by
    /// themselves.
    package var trustedNames: Set<String> = []

    /// Creates the settings of a pool of `workers` workers.
    package init(workers: Int) {
        precondition(workers > 0)
        self.workers = workers
    }
}
