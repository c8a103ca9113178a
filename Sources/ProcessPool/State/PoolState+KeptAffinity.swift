// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// Tasks that must stay with the worker that had others of their affinity, because it knows something that
// others do not.

extension PoolState {
    /// Deals tasks; one whose worker lives and has no room for it waits, and holds up no other.
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
        // Those behind what waits were not asked for yet, and may be for a worker that has room.
        if waiting.count > kept.waiting, credits.contains(where: { $0 > 0 }) { settlesAt = now }
        kept.waiting = waiting.count
    }

    /// The worker that tasks of an affinity stay with; `nil` if there is none any more.
    private func keptSlot(of affinity: Int) -> Int? {
        guard let worker = kept.worker(of: affinity), isCurrent(worker), slots[worker.slot].takesWork,
            !slots[worker.slot].isReserved
        else { return nil }
        return worker.slot
    }
}

/// The workers that tasks stay with, by affinity.
struct KeptAffinities: Sendable {
    /// The most affinities that are remembered; when there are more, all begin anew.
    private static let most = 100_000
    /// The most tasks that wait for their workers before no more are asked for.
    private static let mostWaiting = 1_000
    private var workers: [Int: WorkerID] = [:]
    /// The tasks at the head of the queue that wait for their workers.
    var waiting = 0

    /// True if so many tasks wait that no more are to be asked for.
    var isFull: Bool { waiting >= Self.mostWaiting }

    /// The worker of an affinity; it may be gone.
    func worker(of affinity: Int) -> WorkerID? { workers[affinity] }

    /// Notes who has an affinity from now on.
    mutating func note(_ affinity: Int, _ worker: WorkerID) {
        if workers.count >= Self.most, workers[affinity] == nil { workers.removeAll(keepingCapacity: true) }
        workers[affinity] = worker
    }
}
