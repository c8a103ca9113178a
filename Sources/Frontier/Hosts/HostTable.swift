// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import PoolWire

/// A table of a run's hosts; each host has a number.
///
/// Idle hosts are listed. If more than `HostRules.mostIdleHosts` hosts are listed, hosts leave the list at
/// its front. Such a host is forgotten if it is idle and at rest (`HostState.isAtRest`). If the host is idle
/// but not at rest, it moves to the end of the list. If the host is no longer idle, it only leaves the list.
///
/// Number 0 stands for tasks without a host, which have no limit.
struct HostTable: Sendable {
    /// The data of one host.
    struct Entry: Sendable {
        let name: [UInt8]
        let port: UInt16
        fileprivate let hash: HostHash
        var state: HostState
        var queue = TaskQueues.Queue()
        /// The number of the host's tasks that wait for a timer.
        var waitingRetries = 0
        /// The sum of the known times of the host's ended fetches, in microseconds.
        var fetchMicroseconds = 0
        /// True if the host has an entry in the `turns` of the frontier.
        var hasTurn = false
        /// The time of the host's timer; `nil` if there is none.
        ///
        /// A timer of the host with any other time is stale (`TimerHeap.Timer`).
        var wakesAt: PoolTime?
        fileprivate var isListedAsIdle = false

        fileprivate init(name: [UInt8], port: UInt16, hash: HostHash, state: HostState) {
            (self.name, self.port, self.hash, self.state) = (name, port, hash, state)
        }

        var key: HostKey { HostKey(name: String(decoding: name, as: UTF8.self), port: port) }

        /// True if no task of the host waits or is in flight.
        var isIdle: Bool { queue.isEmpty && waitingRetries == 0 && state.inFlight == 0 }
    }

    private let rules: HostRules
    private var entries: [Entry]
    private var free: [Int] = []
    private var index = HostIndex()
    private var idle = Deque<Int32>()
    /// Estimates of the total fetch times of forgotten hosts, in microseconds; only the largest are kept.
    private(set) var forgotten = HeavyHitters<HostKey>(places: 256)

    init(_ rules: HostRules) {
        self.rules = rules
        let unlimited = HostState(HostRules(), at: PoolTime(nanoseconds: 0))
        entries = [Entry(name: [], port: 0, hash: 0, state: unlimited)]
    }

    /// The number of remembered hosts.
    var count: Int { index.count }

    /// All numbers: 0, the numbers of hosts, and unused numbers, which have no tasks.
    var indices: Range<Int> { entries.indices }

    subscript(number: Int) -> Entry {
        _read { yield entries[number] }
        _modify { yield &entries[number] }
    }

    /// Returns the number of a host; a host that is not in the table is added.
    ///
    /// `hash` is the hash of `name` and `port`.
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

    /// Lists the host if it is idle and not listed yet.
    ///
    /// If the list is then too long, up to two hosts leave the list at its front, as `HostTable` describes.
    mutating func noteIfIdle(_ number: Int, at now: PoolTime) {
        guard number != 0, entries[number].isIdle else { return }
        entries[number].state.rest(at: now)
        guard !entries[number].isListedAsIdle else { return }
        entries[number].isListedAsIdle = true
        idle.append(Int32(number))
        // Two hosts can leave the list for each added host, so that a list that is too long gets shorter.
        for _ in 0..<2 where idle.count > rules.mostIdleHosts {
            guard let oldest = idle.popFirst().map(Int.init) else { return }
            if !entries[oldest].isIdle {
                entries[oldest].isListedAsIdle = false
            } else if entries[oldest].state.isAtRest(at: now) {
                forget(oldest)
            } else {
                idle.append(Int32(oldest))
            }
        }
    }

    private mutating func forget(_ number: Int) {
        index.remove(number, hash: entries[number].hash)
        let spent = entries[number].fetchMicroseconds
        if spent > 0 { forgotten.add(entries[number].key, spent) }
        let state = HostState(rules, at: PoolTime(nanoseconds: 0))
        entries[number] = Entry(name: [], port: 0, hash: 0, state: state)
        free.append(number)
    }
}

extension Span<UInt8> {
    fileprivate func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for place in indices where self[place] != other[place] { return false }
        return true
    }
}

/// An index from the hash of a host to the host's number: a hash table with open addressing and linear
/// probing.
///
/// Two hosts may have the same hash; the caller compares their names and ports.
struct HostIndex: Sendable {
    private struct Slot: Sendable {
        var hash: HostHash = 0
        var number: Int32 = 0
    }

    private var slots = [Slot](repeating: Slot(), count: 16)
    /// The number of hosts in the index.
    private(set) var count = 0

    /// Returns the number with this hash for which `isMeant` returns true; `nil` if there is none.
    func number(of hash: HostHash, where isMeant: (Int) -> Bool) -> Int? {
        var place = home(of: hash)
        while slots[place].hash != 0 {
            if slots[place].hash == hash, isMeant(Int(slots[place].number)) {
                return Int(slots[place].number)
            }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds a host that is not in the index.
    mutating func add(_ number: Int, hash: HostHash) {
        if count * 2 >= slots.count { grow() }
        var place = home(of: hash)
        while slots[place].hash != 0 { place = (place + 1) & (slots.count - 1) }
        slots[place] = Slot(hash: hash, number: Int32(number))
        count += 1
    }

    /// Removes a host, and moves later entries into the gap (Knuth, TAOCP 3, 6.4, algorithm R).
    mutating func remove(_ number: Int, hash: HostHash) {
        let mask = slots.count - 1
        var hole = home(of: hash)
        while slots[hole].number != number || slots[hole].hash != hash {
            guard slots[hole].hash != 0 else { return }
            hole = (hole + 1) & mask
        }
        count -= 1
        var place = hole
        while true {
            slots[hole] = Slot()
            var wanted: Int
            repeat {
                place = (place + 1) & mask
                guard slots[place].hash != 0 else { return }
                wanted = home(of: slots[place].hash)
                // The home of an entry is the slot where the search for the entry begins. An entry stays at
                // its place if its home comes after the hole.
            } while (place - wanted) & mask < (place - hole) & mask
            slots[hole] = slots[place]
            hole = place
        }
    }

    private func home(of hash: HostHash) -> Int { Int(truncatingIfNeeded: hash) & (slots.count - 1) }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        count = 0
        for slot in old where slot.hash != 0 { add(Int(slot.number), hash: slot.hash) }
    }
}

/// The hash of a host's name and port, 64 bits; 0 stands for no host.
package typealias HostHash = UInt64

extension HostHash {
    /// A random key of this process.
    ///
    /// The key is secret, so nobody can choose host names whose hashes collide.
    private static let secret = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max) | 1)

    /// Returns the hash of a host; 0 if the name is empty.
    package static func of(_ name: Span<UInt8>, port: UInt16) -> HostHash {
        guard !name.isEmpty else { return 0 }
        let (seed, factor) = secret
        var hash = seed ^ UInt64(port) ^ UInt64(name.count) << 32
        var piece: UInt64 = 0
        for index in name.indices {
            piece = piece << 8 | UInt64(name[index])
            guard index & 7 == 7 else { continue }
            hash = folded(hash ^ piece, factor)
            piece = 0
        }
        return Swift.max(folded(folded(hash ^ piece, factor), seed | 1), 1)
    }

    /// Returns the hash of a host; 0 if the name is empty.
    package static func of(_ name: String.UTF8View, port: UInt16) -> HostHash {
        of(Array(name).span, port: port)
    }

    /// Returns the upper half of a product, combined with the lower half by exclusive or.
    private static func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
