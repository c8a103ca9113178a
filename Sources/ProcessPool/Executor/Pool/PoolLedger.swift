// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The amounts and times of the work that an executor's workers have done so far.
struct PoolLedger: Sendable {
    /// The work of all workers that one slot (`WorkerID.slot`) has had.
    struct Slot: Sendable {
        var pid = 0
        var starts = 0
        var tasks = 0
        /// The sums of the times of all workers, in nanoseconds.
        ///
        /// `starting` grows at a worker's first result, or at its end if it has sent no result. `working`
        /// grows at each result, and `lived` at a worker's end.
        var (starting, working, lived) = (0, 0, 0)
        /// The time at which the current worker was started, in nanoseconds; `nil` if no worker lives.
        var startedAt: Int?
        /// True if the latest worker has sent a result or an error.
        var hasSentResult = false

        /// Returns the time for which the slot has had a live worker, in nanoseconds.
        func lived(until now: Int) -> Int { lived + (startedAt.map { now - $0 } ?? 0) }
    }

    /// One of the tasks that took longest.
    struct SlowTask: Sendable {
        var nanoseconds: Int
        var pid: Int
        var input: [UInt8]
    }

    private(set) var slots: [Slot] = []
    /// The slowest tasks, the slowest first.
    private(set) var slowest: [SlowTask] = []
    /// True if something has changed since the last `PoolCore.publish`.
    var hasChanged = false

    private static let slowTasks = 5
    private static let inputBytes = 200

    mutating func note(_ note: WorkerNote, of worker: WorkerView) {
        let now = MonotonicClock.nanoseconds()
        switch note {
        case .started:
            while slots.count <= worker.id.slot { slots.append(Slot()) }
            slots[worker.id.slot].pid = worker.pid
            slots[worker.id.slot].starts += 1
            slots[worker.id.slot].startedAt = now
            slots[worker.id.slot].hasSentResult = false
        case .ended:
            guard worker.id.slot < slots.count, let start = slots[worker.id.slot].startedAt else { return }
            slots[worker.id.slot].lived += now - start
            if !slots[worker.id.slot].hasSentResult { slots[worker.id.slot].starting += now - start }
            slots[worker.id.slot].startedAt = nil
        case .beat, .errorLine, .unusableLine, .strayResult: return
        }
        hasChanged = true
    }

    /// Notes a result that came `nanoseconds` after the beginning of its task
    /// (`AcceptedResult.nanosecondsInHand`).
    mutating func noteResult(
        of worker: WorkerView,
        after nanoseconds: Int,
        payload: @autoclosure () -> ArraySlice<UInt8>
    ) {
        let slot = worker.id.slot
        guard slot < slots.count else { return }
        hasChanged = true
        slots[slot].tasks += 1
        slots[slot].working += nanoseconds
        if !slots[slot].hasSentResult {
            slots[slot].hasSentResult = true
            let now = MonotonicClock.nanoseconds()
            slots[slot].starting += max(0, now - (slots[slot].startedAt ?? now) - nanoseconds)
        }
        guard slowest.count < Self.slowTasks || nanoseconds > slowest[Self.slowTasks - 1].nanoseconds else {
            return
        }
        let task = SlowTask(
            nanoseconds: nanoseconds,
            pid: worker.pid,
            input: Array(payload().prefix(Self.inputBytes))
        )
        let place = slowest.firstIndex { $0.nanoseconds < nanoseconds } ?? slowest.count
        slowest.insert(task, at: place)
        if slowest.count > Self.slowTasks { slowest.removeLast() }
    }
}
