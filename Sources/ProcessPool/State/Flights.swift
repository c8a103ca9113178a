// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The tasks of one worker that have no result, in the order in which they were sent.
struct Flights: Sendable {
    /// One sending of one task.
    struct Flight: Sendable {
        /// The number by which the worker knows the sending.
        let seq: Int
        /// The number of this sending among all sendings of the pool; unlike `seq`, it never wraps.
        let ordinal: Int
        let task: Int
        let sent: PoolTime
        /// The time at which the worker sent `start`; `Int.min` before that.
        ///
        /// An optional would be one word larger.
        private var startedAt = PoolTime(nanoseconds: .min)

        init(seq: Int, ordinal: Int, task: Int, sent: PoolTime) {
            (self.seq, self.ordinal, self.task, self.sent) = (seq, ordinal, task, sent)
        }

        /// The time at which the worker sent `start`; `nil` if it has not sent `start`.
        var started: PoolTime? { startedAt.nanoseconds == .min ? nil : startedAt }

        /// Notes that the worker sent `start`; a second `start` changes nothing.
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

    /// Returns `true` for the sending that has been in flight for the longest time.
    func isOldest(_ seq: Int) -> Bool { head < flights.count && flights[head].seq == seq }

    mutating func append(_ flight: Flight) {
        flights.append(flight)
    }

    /// Removes and returns the sending with the number `seq`; `nil` if it is not in flight here.
    mutating func remove(seq: Int) -> Flight? {
        index(of: seq).map { remove(at: $0) }
    }

    /// Removes and returns the newest `count` sendings, or all if there are fewer, in the order of sending.
    mutating func removeNewest(_ count: Int) -> [Flight] {
        let first = max(head, flights.count - max(count, 0))
        defer { flights.removeSubrange(first...) }
        return Array(flights[first...])
    }

    /// Returns the sending with the number `seq`; `nil` if it is not in flight here.
    func flight(_ seq: Int) -> Flight? { index(of: seq).map { flights[$0] } }

    private mutating func remove(at index: Int) -> Flight {
        let flight = flights[index]
        if index == head {
            head += 1
            // A result in order only moves `head`, until the unused elements are at least half of the array.
            if head * 2 >= flights.count {
                flights.removeFirst(head)
                head = 0
            }
        } else {
            flights.remove(at: index)
        }
        return flight
    }

    /// Notes that the worker sent `start` for the sending with the number `seq`; returns `false` if this
    /// sending is not in flight here.
    mutating func start(seq: Int, at now: PoolTime) -> Bool {
        guard let index = index(of: seq) else { return false }
        flights[index].start(at: now)
        return true
    }

    /// The sending with the earliest `start`, and the time of this `start`; `nil` if no sending here has a
    /// `start`.
    var firstStarted: (seq: Int, at: PoolTime)? {
        all.lazy.compactMap { flight in flight.started.map { (flight.seq, $0) } }.min { $0.1 < $1.1 }
    }

    /// Returns the index of a sending; `nil` if it is not in flight here.
    ///
    /// The function uses a binary search, because the ordinals are in ascending order.
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
