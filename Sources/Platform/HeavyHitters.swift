// SPDX-License-Identifier: MIT
// fetchpool

/// The keys with the largest sums of weights, in fixed memory: the algorithm Space-Saving (Metwally, Agrawal
/// and El Abbadi, Efficient Computation of Frequent and Top-k Elements in Data Streams, 2005).
///
/// While there are no more keys than places, all sums are exact. After that, a new key takes the place of the
/// key with the smallest sum, and adds its weight to that sum. So a sum can be too large, by at most `excess`,
/// and is never too small. A key whose true sum is more than the sum of all weights divided by the number of
/// places always has a place.
package struct HeavyHitters<Key: Hashable & Sendable>: Sendable {
    /// A key and the sum of its weights.
    package struct Entry: Sendable {
        /// The key.
        package fileprivate(set) var key: Key
        /// The sum of the weights, or more.
        package fileprivate(set) var sum: Int
        /// The largest number by which `sum` can be too large.
        package fileprivate(set) var excess: Int
    }

    private let places: Int
    private var placesByKey: [Key: Int] = [:]
    /// The keys that have a place, in no particular order.
    package private(set) var entries: [Entry] = []

    /// Creates an empty value with a number of places, at least 1.
    package init(places: Int) { self.places = places }

    /// Adds a weight of at least 0 to the sum of a key.
    package mutating func add(_ key: Key, _ weight: Int = 1) {
        if let place = placesByKey[key] {
            entries[place].sum += weight
        } else if entries.count < places {
            placesByKey[key] = entries.count
            entries.append(Entry(key: key, sum: weight, excess: 0))
        } else {
            replaceSmallest(by: key, weight)
        }
    }

    /// Subtracts a weight that was added before; a key without a sum leaves its place.
    ///
    /// A key that has lost its place to another one changes nothing.
    package mutating func subtract(_ key: Key, _ weight: Int = 1) {
        guard let place = placesByKey[key] else { return }
        entries[place].sum -= weight
        guard entries[place].sum <= 0 else { return }
        placesByKey[key] = nil
        let last = entries.removeLast()
        guard place < entries.count else { return }
        (entries[place], placesByKey[last.key]) = (last, place)
    }

    private mutating func replaceSmallest(by key: Key, _ weight: Int) {
        var smallest = 0
        for place in entries.indices where entries[place].sum < entries[smallest].sum { smallest = place }
        let old = entries[smallest]
        placesByKey[old.key] = nil
        placesByKey[key] = smallest
        entries[smallest] = Entry(key: key, sum: old.sum + weight, excess: old.sum)
    }

    /// Returns the keys with the largest sums, at most `count`, in the order of their sums.
    package func largest(_ count: Int) -> [Entry] {
        Array(entries.sorted { $0.sum > $1.sum }.prefix(count))
    }
}
