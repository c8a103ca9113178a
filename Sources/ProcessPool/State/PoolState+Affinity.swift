// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// The choice of a worker that has a connection to a task's host. Fetches from one host have the same affinity
// (`PoolEvent.submitted`).

extension PoolState {
    /// Returns the slot of the worker that last had a task of an affinity.
    ///
    /// The result is `nil` if there is no such worker, or if another worker should get the task.
    ///
    /// `credits` is the number of tasks that each worker may still get. A worker with credit gets the task
    /// unless the worker has too many tasks, compared with the mean. A worker without credit gets the task
    /// only if `mayTakeMore` returns `true`: the task then waits for a moment, but the open connection saves
    /// more time.
    ///
    /// The function is inlined, because a call that does not mutate the state copies the whole state first.
    @inline(__always)
    func usualSlot(of affinity: Int, _ credits: [Int], at now: PoolTime) -> Int? {
        guard let worker = affinities.worker(of: affinity), isCurrent(worker) else { return nil }
        if credits[worker.slot] <= 0 {
            return mayTakeMore(slots[worker.slot], at: now) ? worker.slot : nil
        }
        var (workers, tasks) = (0, 0)
        for slot in slots where slot.takesWork {
            (workers, tasks) = (workers + 1, tasks + slot.flights.count)
        }
        // Results come in bursts, so a worker may have a few tasks more than the mean.
        let inHand = slots[worker.slot].flights.count - spareRoom(of: slots[worker.slot]) / 2
        return inHand * workers <= tasks ? worker.slot : nil
    }

    /// Returns the number of tasks beyond its window that a worker may hold because of their affinity.
    ///
    /// The number is 0 for workers that are not trusted, and for all workers if `waitsForAffinity` is false.
    /// It is also 0 for a child coordinator, because all machines should get work.
    func spareRoom(of slot: WorkerSlot) -> Int {
        options.waitsForAffinity && slot.isTrusted && !slot.isCoordinator ? slot.concurrency / 2 : 0
    }

    /// Returns `true` if a worker may get a task beyond its window, and the task will not wait long for the
    /// worker.
    private func mayTakeMore(_ slot: WorkerSlot, at now: PoolTime) -> Bool {
        let room = spareRoom(of: slot)
        guard room > 0, slot.hasSentResult, now - slot.lastProgress < Self.longestPause, slot.phase == .ready,
            slot.closesAt == nil, !slot.isReserved, !slot.isSpare,
            !slot.isStuffed, !slot.isRecalled
        else { return false }
        let beyond = slot.flights.count + 1 - window(of: slot, at: now)
        return beyond <= room && beyond * (pace.perTask ?? 0) < Self.longestWait
            && (options.tasksPerLife.map { slot.given < $0 } ?? true)
    }

    /// The time without a result after which a worker counts as stuck, in nanoseconds.
    ///
    /// The time is long, because results come in bursts on a machine with few cores.
    private static let longestPause = 200_000_000
    /// The longest time that a task may wait for a worker with a connection to its host, in nanoseconds.
    ///
    /// A new TLS connection to a distant server takes about this time.
    private static let longestWait = 100_000_000
}

/// A table of 128 KiB with the worker that last had a task of each affinity.
///
/// If two affinities have the same place in the table, the table keeps only the newer affinity.
struct AffinityMap: Sendable {
    private struct Place: Sendable {
        var affinity: Int
        /// The worker's slot; negative while the place is free.
        var slot: Int32
        var life: Int32
    }

    /// The number of places: 2^13, because `place` uses the 13 highest bits of a hash.
    private static let places = 8_192
    private var places: [Place] = []

    /// Returns the worker that last had a task of this affinity; `nil` if no worker is known.
    ///
    /// The worker may be gone.
    func worker(of affinity: Int) -> WorkerID? {
        guard !places.isEmpty else { return nil }
        let place = places[Self.place(of: affinity)]
        guard place.affinity == affinity, place.slot >= 0 else { return nil }
        return WorkerID(slot: Int(place.slot), life: Int(place.life))
    }

    /// Notes that `worker` gets a task of this affinity.
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

    /// Returns the place of an affinity; adjacent numbers get distant places (Knuth's multiplicative
    /// hashing).
    private static func place(of affinity: Int) -> Int {
        let mixed = UInt(bitPattern: affinity) &* 0x9E37_79B9_7F4A_7C15
        return Int(mixed >> 51) & (places - 1)
    }
}
