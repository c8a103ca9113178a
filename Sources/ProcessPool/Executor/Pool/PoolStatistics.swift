// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The times that the workers of a pool have spent in each state, and the slowest tasks.
///
/// The pool's thread may have a gap of more than a second: the process is stopped or gets no core, or the
/// thread reads very large results. Such a gap does not count as time of a task, but as waiting. Before the
/// first result of a worker, the gap counts as starting instead.
public struct PoolStatistics: Sendable {
    /// The successive workers of one place in the pool; at most one worker of a place lives at a time.
    public struct Worker: Sendable, Hashable {
        /// The number of the place, from 0.
        public var place: Int
        /// The process id of the latest worker of this place.
        public var pid: Int
        /// True if this latest worker lives.
        public var isAlive: Bool
        /// The number of workers that were started in this place.
        public var starts: Int
        /// The number of tasks for which workers of this place have sent a result or an error.
        public var tasks: Int
        /// The total time from the start of the workers until they could begin their first tasks.
        ///
        /// All the time of a worker that has sent no result counts as starting.
        public var starting: Duration
        /// The time in which the workers waited for tasks.
        ///
        /// Until the result or the error of a task has come, the time of the task counts as waiting too.
        /// Before the first result of a worker, the time of the task counts as starting instead.
        public var waiting: Duration
        /// The time that the workers took for tasks whose results or errors have come.
        ///
        /// The times of tasks that a worker does at the same time are added up.
        public var working: Duration

        /// The share of `working` in the sum of all three times, from 0 to 1; 0 if the sum is 0.
        public var workingShare: Double {
            let whole = starting + waiting + working
            return whole > .zero ? working / whole : 0
        }
    }

    /// A task that took a long time.
    public struct SlowTask: Sendable, Hashable {
        /// The time from the moment at which the worker could begin the task until the result or the error
        /// of the task came.
        ///
        /// If the worker does several tasks at the same time, the time counts from the sending of the task.
        public var duration: Duration
        /// The process id of the worker.
        public var pid: Int
        /// The first 200 bytes of the task's JSON text, as it was sent to the worker.
        public var input: String
    }

    /// The places of the pool in the order of their numbers, without places that never had a worker.
    public var workers: [Worker] = []
    /// The slowest tasks for which workers have sent a result or an error, 5 at most, the slowest first.
    public var slowestTasks: [SlowTask] = []

    /// The number of workers that were started.
    public var startedWorkers: Int { workers.reduce(0) { $0 + $1.starts } }
    /// The number of tasks for which workers have sent a result or an error.
    public var finishedTasks: Int { workers.reduce(0) { $0 + $1.tasks } }

    init(_ ledger: PoolLedger) {
        let now = MonotonicClock.nanoseconds()
        for (place, slot) in ledger.slots.enumerated() where slot.starts > 0 {
            let lived = slot.lived(until: now)
            let isStarting = slot.startedAt != nil && !slot.hasSentResult
            let starting = slot.starting + (isStarting ? now - (slot.startedAt ?? now) : 0)
            workers.append(
                Worker(
                    place: place,
                    pid: slot.pid,
                    isAlive: slot.startedAt != nil,
                    starts: slot.starts,
                    tasks: slot.tasks,
                    starting: .nanoseconds(starting),
                    waiting: .nanoseconds(max(0, lived - starting - slot.working)),
                    working: .nanoseconds(slot.working)
                )
            )
        }
        slowestTasks = ledger.slowest.map { task in
            SlowTask(
                duration: .nanoseconds(task.nanoseconds),
                pid: task.pid,
                input: String(decoding: task.input, as: UTF8.self)
            )
        }
    }
}
