// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The unanswered tasks of one worker, in the order they were sent.
struct Flights: Sendable {
    /// One sending of one task.
    struct Flight: Sendable {
        /// The number that the worker knows it by.
        let seq: Int
        /// Counts the sendings of the pool; this one never begins anew, as `seq` does.
        let ordinal: Int
        let task: Int
        let sent: PoolTime
        /// The time at which the worker said `start`, which it seldom does; a word less for each sending than an optional time.
        private var startedAt = PoolTime(nanoseconds: .min)

        init(seq: Int, ordinal: Int, task: Int, sent: PoolTime) {
            (self.seq, self.ordinal, self.task, self.sent) = (seq, ordinal, task, sent)
        }

        /// When the worker said `start`: work that may not be repeated, or is risky, has begun.
        var started: PoolTime? { startedAt.nanoseconds == .min ? nil : startedAt }

        /// Notes that the worker said `start`; a second word does not move a deadline.
        mutating func start(at now: PoolTime) {
            if startedAt.nanoseconds == .min { startedAt = now }
        }
    }

    private var flights: [Flight] = []
    private var head = 0

    var count: Int { flights.count - head }
    var isEmpty: Bool { count == 0 }
    var oldest: Flight? { isEmpty ? nil : flights[head] }
    var all: ArraySlice<Flight> { flights[head...] }

    /// True for the sending that is in flight for longest.
    func isOldest(_ seq: Int) -> Bool { head < flights.count && flights[head].seq == seq }

    mutating func append(_ flight: Flight) {
        flights.append(flight)
    }

    /// Takes out the sending called `seq`; `nil` if it is not in flight here.
    mutating func remove(seq: Int) -> Flight? {
        index(of: seq).map { remove(at: $0) }
    }

    /// Takes out the newest `count` of them, or all there are; returns them in the order they were sent.
    mutating func removeNewest(_ count: Int) -> [Flight] {
        let first = max(head, flights.count - max(count, 0))
        defer { flights.removeSubrange(first...) }
        return Array(flights[first...])
    }

    /// The sending called `seq`; `nil` if it is not in flight here.
    func flight(_ seq: Int) -> Flight? { index(of: seq).map { flights[$0] } }

    private mutating func remove(at index: Int) -> Flight {
        let flight = flights[index]
        if index == head {
            head += 1
            // Answers in order only move the head; the array is moved once for as many as it holds.
            if head * 2 >= flights.count {
                flights.removeFirst(head)
                head = 0
            }
        } else {
            flights.remove(at: index)
        }
        return flight
    }

    /// Notes that the sending called `seq` has begun; `false` if it is not in flight here.
    mutating func start(seq: Int, at now: PoolTime) -> Bool {
        guard let index = index(of: seq) else { return false }
        flights[index].start(at: now)
        return true
    }

    /// The sending that has begun first, and when; `nil` if none has said so.
    var firstStarted: (seq: Int, at: PoolTime)? {
        all.lazy.compactMap { flight in flight.started.map { (flight.seq, $0) } }.min { $0.1 < $1.1 }
    }

    /// Ordinals only grow, so they are found by halving.
    private func index(of seq: Int) -> Int? {
        guard head < flights.count else { return nil }
        if flights[head].seq == seq { return head }
        let wanted = SendingNumber.ordinal(of: seq, after: flights[head].ordinal)
        var (low, high) = (head, flights.count)
        while low < high {
            let middle = (low + high) / 2
            if flights[middle].ordinal < wanted { low = middle + 1 } else { high = middle }
        }
        return low < flights.count && flights[low].seq == seq ? low : nil
    }
}
