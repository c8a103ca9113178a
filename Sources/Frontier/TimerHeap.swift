// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// A binary heap of timers for waiting tasks and hosts, with the earliest timer on top.
struct TimerHeap: Sendable {
    /// A task or a host that waits.
    enum Subject: Hashable, Sendable {
        /// The task at this place of `TaskQueues`.
        case task(Int)
        /// The host with this number in `HostTable`.
        case host(Int)
    }

    /// A subject, and the time until which the subject waits.
    ///
    /// A host's timer stays in the heap after an earlier timer has replaced it, or after the host was
    /// forgotten. The caller must ignore such a timer.
    struct Timer: Sendable {
        let time: PoolTime
        let subject: Subject
    }

    private var timers: [Timer] = []

    /// The earliest timer; `nil` if there is none.
    var first: Timer? { timers.first }

    /// True if there is no timer.
    var isEmpty: Bool { timers.isEmpty }

    /// The number of timers.
    var count: Int { timers.count }

    /// Adds a timer.
    mutating func add(_ subject: Subject, at time: PoolTime) {
        timers.append(Timer(time: time, subject: subject))
        var index = timers.count - 1
        while index > 0, timers[index].time < timers[(index - 1) / 2].time {
            timers.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Removes and returns the earliest timer if its time has come; otherwise returns `nil`.
    mutating func takeFirst(until now: PoolTime) -> Timer? {
        guard let first = timers.first, first.time <= now, let last = timers.popLast() else { return nil }
        guard !timers.isEmpty else { return first }
        timers[0] = last
        var index = 0
        while true {
            var child = index * 2 + 1
            guard child < timers.count else { break }
            if child + 1 < timers.count, timers[child + 1].time < timers[child].time { child += 1 }
            guard timers[child].time < timers[index].time else { break }
            timers.swapAt(index, child)
            index = child
        }
        return first
    }

    /// Removes the timers of all tasks whose places satisfy `isMeant`.
    ///
    /// - Returns: The places of these tasks, in no particular order.
    mutating func removeTasks(where isMeant: (Int) -> Bool) -> [Int] {
        var places: [Int] = []
        var others = TimerHeap()
        for timer in timers {
            if case .task(let place) = timer.subject, isMeant(place) {
                places.append(place)
            } else {
                others.add(timer.subject, at: timer.time)
            }
        }
        self = others
        return places
    }
}
