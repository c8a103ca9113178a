// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// Times that something waits for, the earliest on top: a binary heap.
struct TimerHeap: Sendable {
    /// What waits.
    enum Subject: Hashable, Sendable {
        /// The task at a place.
        case task(Int)
        /// A host.
        case host(Int)
    }

    /// One that waits, and until when.
    struct Timer: Sendable {
        let time: PoolTime
        let subject: Subject
    }

    private var timers: [Timer] = []

    /// The earliest.
    var first: Timer? { timers.first }

    /// Whether nothing waits.
    var isEmpty: Bool { timers.isEmpty }

    /// The number that wait.
    var count: Int { timers.count }

    /// Adds one.
    mutating func add(_ subject: Subject, at time: PoolTime) {
        timers.append(Timer(time: time, subject: subject))
        var index = timers.count - 1
        while index > 0, timers[index].time < timers[(index - 1) / 2].time {
            timers.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes the earliest whose time has come.
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

    /// Takes out the tasks whose places are meant; returns these.
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
