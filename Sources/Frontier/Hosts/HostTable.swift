// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import PoolWire

/// The hosts of a run by number, and no more of them than are of use: one of which nothing waits or is in flight is forgotten
/// when many such are there, unless it must not be asked yet.
///
/// Number 0 is for what belongs to no host: there is no limit on it.
struct HostTable: Sendable {
    /// One host.
    struct Entry: Sendable {
        let name: [UInt8]
        let port: UInt16
        fileprivate let hash: HostHash
        var state: HostState
        var queue = TaskQueues.Queue()
        /// Tasks of it that wait for a time of their own.
        var waitingRetries = 0
        /// Whether the host waits for its turn.
        var hasTurn = false
        /// When the host is looked at again.
        var wakesAt: PoolTime?
        fileprivate var isListedAsIdle = false

        fileprivate init(name: [UInt8], port: UInt16, hash: HostHash, state: HostState) {
            (self.name, self.port, self.hash, self.state) = (name, port, hash, state)
        }

        /// What the host is called.
        var key: HostKey { HostKey(name: String(decoding: name, as: UTF8.self), port: port) }

        /// Whether nothing of the host waits or is in flight.
        var isIdle: Bool { queue.isEmpty && waitingRetries == 0 && state.inFlight == 0 }
    }

    private let rules: HostRules
    private var entries: [Entry]
    private var free: [Int] = []
    private var index = HostIndex()
    private var idle = NumberQueue()

    init(_ rules: HostRules) {
        self.rules = rules
        let unlimited = HostState(HostRules(), at: PoolTime(nanoseconds: 0))
        entries = [Entry(name: [], port: 0, hash: 0, state: unlimited)]
    }

    /// The hosts remembered.
    var count: Int { index.count }

    /// The numbers in use, 0 included, and some that are not: those have no tasks.
    var indices: Range<Int> { entries.indices }

    subscript(number: Int) -> Entry {
        _read { yield entries[number] }
        _modify { yield &entries[number] }
    }

    /// The number of a host, new if it is not known; `hash` is that of the other two.
    mutating func number(
        of hash: HostHash,
        name: Span<UInt8>,
        port: UInt16,
        at now: PoolTime
    ) -> Int {
        let known = index.number(of: hash) { number in
            let known = entries[number].name
            return entries[number].port == port && known.span.isEqual(to: name)
        }
        if let known { return known }
        let entry = Entry(
            name: name.array(0..<name.count),
            port: port,
            hash: hash,
            state: HostState(rules, at: now)
        )
        let number: Int
        if let reused = free.popLast() {
            number = reused
            entries[number] = entry
        } else {
            number = entries.count
            entries.append(entry)
        }
        index.add(number, hash: hash)
        return number
    }

    /// Notes that a host may have become idle, and forgets one or two that have been for long.
    mutating func noteIfIdle(_ number: Int, at now: PoolTime) {
        guard number != 0, entries[number].isIdle else { return }
        entries[number].state.rest(at: now)
        guard !entries[number].isListedAsIdle else { return }
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
        index.remove(number, hash: entries[number].hash)
        let state = HostState(rules, at: PoolTime(nanoseconds: 0))
        entries[number] = Entry(name: [], port: 0, hash: 0, state: state)
        free.append(number)
    }
}

extension Span<UInt8> {
    /// Whether both hold the same bytes.
    fileprivate func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for place in indices where self[place] != other[place] { return false }
        return true
    }
}
