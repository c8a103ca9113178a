// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// The choice of a worker if all tasks of one affinity must stay with the same worker, for example because of
// cookies.

extension PoolState {
    /// Sends queued tasks to workers that may get more tasks.
    ///
    /// If the worker of a task can take no task now, the task waits, and the tasks behind it are sent first.
    mutating func dealKeepingAffinity(at now: PoolTime, into actions: inout [PoolAction]) {
        var credits = slots.indices.map { credit(of: $0, at: now) }
        var waiting: [Int] = []
        while let freest = credits.indices.max(by: { credits[$0] < credits[$1] }), credits[freest] > 0,
            let task = queue.popFirst()
        {
            let affinity = entries[task]?.affinity
            let slot = affinity.flatMap(keptSlot) ?? freest
            guard credits[slot] > 0 else {
                waiting.append(task)
                continue
            }
            if let affinity { kept.note(affinity, WorkerID(slot: slot, life: slots[slot].life)) }
            credits[slot] -= 1
            send(task, to: slot, at: now, into: &actions)
        }
        for task in waiting.reversed() { queue.prepend(task) }
        kept.waiting = waiting.count
    }

    /// Returns the slot of the worker with which the tasks of an affinity stay.
    ///
    /// The result is `nil` if there is no such worker, if this worker is gone, or if it gets no tasks from
    /// `queue`. The tasks then stay with the worker that gets the affinity's next task from `queue`.
    private func keptSlot(of affinity: Int) -> Int? {
        guard let worker = kept.worker(of: affinity), isCurrent(worker), slots[worker.slot].takesWork,
            !slots[worker.slot].isReserved
        else { return nil }
        return worker.slot
    }
}

/// The worker with which the tasks of each affinity stay.
struct KeptAffinities: Sendable {
    /// The largest number of stored affinities; all are removed before one more is stored.
    private static let most = 100_000
    /// The number of waiting tasks at which the pool takes no more tasks.
    private static let mostWaiting = 1_000
    private var workers: [Int: WorkerID] = [:]
    /// The number of tasks at the head of the queue that wait for their workers.
    ///
    /// `PoolState.dealKeepingAffinity` counts these tasks in each call.
    var waiting = 0

    /// True if `mostWaiting` or more tasks wait.
    var isFull: Bool { waiting >= Self.mostWaiting }

    /// Returns the worker of an affinity; `nil` if there is none.
    ///
    /// The worker may be gone.
    func worker(of affinity: Int) -> WorkerID? { workers[affinity] }

    /// Notes the worker with which the tasks of an affinity stay from now on.
    mutating func note(_ affinity: Int, _ worker: WorkerID) {
        if workers.count >= Self.most, workers[affinity] == nil { workers.removeAll(keepingCapacity: true) }
        workers[affinity] = worker
    }
}
