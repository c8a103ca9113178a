// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// Which worker does a task best: the one that has a connection to its host.

extension PoolState {
    /// The worker that had tasks of this one's affinity last, if it has room and not many more in hand than the mean.
    ///
    /// Where all have their hands full, the place that has become free is as a rule another's. A worker of ours is given the task all
    /// the same and keeps it for a moment: a connection that stands saves more than that.
    func usualSlot(of task: Int, _ credits: [Int], at now: PoolTime) -> Int? {
        guard let affinity = entries[task]?.affinity, let worker = affinities.worker(of: affinity),
            isCurrent(worker)
        else { return nil }
        if credits[worker.slot] <= 0 {
            return mayTakeMore(slots[worker.slot], at: now) ? worker.slot : nil
        }
        var (workers, tasks) = (0, 0)
        for slot in slots where slot.takesWork {
            (workers, tasks) = (workers + 1, tasks + slot.flights.count)
        }
        // Answers come in bursts, so that now one worker has more in hand, now another.
        let inHand = slots[worker.slot].flights.count - spareRoom(of: slots[worker.slot]) / 2
        return inHand * workers <= tasks ? worker.slot : nil
    }

    /// The number of tasks beyond its window that a worker may hold that are better done by it than by others.
    func spareRoom(of slot: WorkerSlot) -> Int {
        options.waitsForAffinity && slot.isTrusted ? slot.concurrency / 2 : 0
    }

    /// True if nothing but its window keeps a worker from being given a task that is better done by it, and the task need not
    /// wait there for long.
    private func mayTakeMore(_ slot: WorkerSlot, at now: PoolTime) -> Bool {
        let room = spareRoom(of: slot)
        guard room > 0, slot.hasAnswered, now - slot.lastProgress < Self.longestPause, slot.phase == .ready,
            slot.closesAt == nil, !slot.isReserved, !slot.isSpare,
            !slot.isStuffed, !slot.isRecalled
        else { return false }
        let beyond = slot.flights.count + 1 - window(of: slot)
        return beyond <= room && beyond * (pace.perTask ?? 0) < Self.longestWait
            && (options.tasksPerLife.map { slot.given < $0 } ?? true)
    }

    /// The time for which a worker may have answered nothing and still gets on, in nanoseconds: answers come in bursts where cores
    /// are scarce.
    private static let longestPause = 200_000_000
    /// The time that a task may wait for the worker that has its connection, in nanoseconds: about that of a new connection with
    /// TLS to a server far away.
    private static let longestWait = 100_000_000
}

/// Which worker had tasks of each affinity last, as far as that is remembered: two affinities that share a place forget each
/// other, so that it takes 128 KiB for however many there are.
struct AffinityMap: Sendable {
    private struct Place: Sendable {
        var affinity: Int
        /// Negative while the place is free.
        var slot: Int32
        var life: Int32
    }

    /// A power of two, so that a place is found by a mask.
    private static let places = 8_192
    private var places: [Place] = []

    /// The worker that had this affinity last; it may be gone.
    func worker(of affinity: Int) -> WorkerID? {
        guard !places.isEmpty else { return nil }
        let place = places[Self.place(of: affinity)]
        guard place.affinity == affinity, place.slot >= 0 else { return nil }
        return WorkerID(slot: Int(place.slot), life: Int(place.life))
    }

    /// Notes who has this affinity now.
    mutating func note(_ affinity: Int, _ worker: WorkerID) {
        if places.isEmpty {
            places = Array(repeating: Place(affinity: 0, slot: -1, life: 0), count: Self.places)
        }
        places[Self.place(of: affinity)] = Place(
            affinity: affinity,
            slot: Int32(truncatingIfNeeded: worker.slot),
            life: Int32(truncatingIfNeeded: worker.life)
        )
    }

    /// Neighbouring numbers come to lie apart (Knuth's multiplicative hashing).
    private static func place(of affinity: Int) -> Int {
        let mixed = UInt(bitPattern: affinity) &* 0x9E37_79B9_7F4A_7C15
        return Int(mixed >> 51) & (places - 1)
    }
}
