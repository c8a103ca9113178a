// SPDX-License-Identifier: MIT
// fetchpool

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
