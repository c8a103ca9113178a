// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The times that the workers of a pool have spent in each state, and the slowest tasks.
public struct PoolStatistics: Sendable {
    /// The workers of one place in the pool: at most one lives at a time, and is replaced when it ends.
    public struct Worker: Sendable, Hashable {
        /// The place, from 0.
        public var place: Int
        /// The process id of the latest worker of this place.
        public var pid: Int
        /// True if that worker lives.
        public var isAlive: Bool
        /// The number of workers that were started here.
        public var starts: Int
        /// The number of tasks that have ended here with a result or with an error of their own.
        public var tasks: Int
        /// The time in which the workers started, up to their first task.
        public var starting: Duration
        /// The time in which the workers waited for tasks.
        ///
        /// The time of a task that has not ended counts as waiting until its end.
        public var waiting: Duration
        /// The time in which the workers worked on tasks that have ended.
        public var working: Duration

        /// The share of working in the whole time, from 0 to 1.
        public var workingShare: Double {
            let whole = starting + waiting + working
            return whole > .zero ? working / whole : 0
        }
    }

    /// A task that took long.
    public struct SlowTask: Sendable, Hashable {
        /// The time from the moment the worker could begin the task to its result.
        public var duration: Duration
        /// The process id of the worker.
        public var pid: Int
        /// The first 200 bytes of the task, as it was sent to the worker: JSON.
        public var input: String
    }

    /// The places of the pool in order, without those that never had a worker.
    public var workers: [Worker] = []
    /// The five tasks that took longest, the slowest first; without those that ended with a worker's death.
    public var slowestTasks: [SlowTask] = []

    /// The number of workers that were started.
    public var startedWorkers: Int { workers.reduce(0) { $0 + $1.starts } }
    /// The number of tasks that have ended with a result or with an error of their own.
    public var finishedTasks: Int { workers.reduce(0) { $0 + $1.tasks } }

    init(_ ledger: PoolLedger) {
        let now = MonotonicClock.nanoseconds()
        for (place, slot) in ledger.slots.enumerated() where slot.starts > 0 {
            let lived = slot.lived(until: now)
            let isStarting = slot.startedAt != nil && !slot.hasAnswered
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
