// SPDX-License-Identifier: MIT
// fetchpool

/// The unanswered tasks of one worker, in the order they were sent.
struct Flights: Sendable {
    /// One sending of one task.
    struct Flight: Sendable {
        let seq: Int
        let task: Int
        let sent: PoolTime
        /// When the worker said `start`: work that may not be repeated, or is risky, has begun.
        var started: PoolTime?
    }

    private var flights: [Flight] = []
    private var head = 0

    var count: Int { flights.count - head }
    var isEmpty: Bool { count == 0 }
    var oldest: Flight? { isEmpty ? nil : flights[head] }
    var all: ArraySlice<Flight> { flights[head...] }

    mutating func append(_ flight: Flight) {
        flights.append(flight)
    }

    /// Takes out the sending called `seq`; `nil` if it is not in flight here.
    mutating func remove(seq: Int) -> Flight? {
        guard let index = index(of: seq) else { return nil }
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
        // A second word does not move a deadline.
        if flights[index].started == nil { flights[index].started = now }
        return true
    }

    /// The sending that has begun first, and when; `nil` if none has said so.
    var firstStarted: (seq: Int, at: PoolTime)? {
        all.lazy.compactMap { flight in flight.started.map { (flight.seq, $0) } }.min { $0.1 < $1.1 }
    }

    /// Numbers only grow, so they are found by halving.
    private func index(of seq: Int) -> Int? {
        var (low, high) = (head, flights.count)
        if low < high, flights[low].seq == seq { return low }
        while low < high {
            let middle = (low + high) / 2
            if flights[middle].seq < seq { low = middle + 1 } else { high = middle }
        }
        return low < flights.count && flights[low].seq == seq ? low : nil
    }
}
