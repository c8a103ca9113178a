// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import ProcessPool

/// The hosts of a run by number, and no more of them than are of use: one of which nothing waits or is in flight is forgotten
/// when many such are there, unless it must not be asked yet.
///
/// Number 0 is for what belongs to no host: there is no limit on it.
struct HostTable: Sendable {
    /// One host.
    struct Entry: Sendable {
        let key: HostKey
        var state: HostState
        var queue = TaskQueues.Queue()
        /// Tasks of it that wait for a time of their own.
        var waitingRetries = 0
        /// Whether the host waits for its turn.
        var hasTurn = false
        /// When the host is looked at again.
        var wakesAt: PoolTime?
        fileprivate var isListedAsIdle = false

        /// Whether nothing of the host waits or is in flight.
        var isIdle: Bool { queue.isEmpty && waitingRetries == 0 && state.inFlight == 0 }
    }

    private let rules: HostRules
    private var entries: [Entry]
    private var free: [Int] = []
    private var numbers: [HostKey: Int] = [:]
    private var idle = NumberQueue()

    init(_ rules: HostRules) {
        self.rules = rules
        let unlimited = HostState(HostRules(), at: PoolTime(nanoseconds: 0))
        entries = [Entry(key: HostKey(name: "", port: 0), state: unlimited)]
    }

    /// The hosts remembered.
    var count: Int { numbers.count }

    /// The numbers in use, 0 included, and some that are not: those have no tasks.
    var indices: Range<Int> { entries.indices }

    subscript(number: Int) -> Entry {
        _read { yield entries[number] }
        _modify { yield &entries[number] }
    }

    /// The number of a host, new if it is not known.
    mutating func number(of key: HostKey, at now: PoolTime) -> Int {
        if let number = numbers[key] { return number }
        let entry = Entry(key: key, state: HostState(rules, at: now))
        let number: Int
        if let reused = free.popLast() {
            number = reused
            entries[number] = entry
        } else {
            number = entries.count
            entries.append(entry)
        }
        numbers[key] = number
        return number
    }

    /// Notes that a host may have become idle, and forgets one or two that have been for long.
    mutating func noteIfIdle(_ number: Int, at now: PoolTime) {
        guard number != 0, entries[number].isIdle, !entries[number].isListedAsIdle else { return }
        entries[number].isListedAsIdle = true
        idle.append(number)
        // Two for each that comes, so that a list that could not be shortened for a while is shortened later.
        for _ in 0..<2 where idle.count > rules.mostIdleHosts {
            guard let oldest = idle.popFirst() else { return }
            if !entries[oldest].isIdle {
                entries[oldest].isListedAsIdle = false
            } else if entries[oldest].state.isAtRest(at: now) {
                forget(oldest)
            } else {
                idle.append(oldest)
            }
        }
    }

    private mutating func forget(_ number: Int) {
        numbers[entries[number].key] = nil
        entries[number] = Entry(
            key: entries[0].key,
            state: HostState(rules, at: PoolTime(nanoseconds: 0))
        )
        free.append(number)
    }
}
