// SPDX-License-Identifier: MIT
// fetchpool

/// The keys with the largest sums of weights, in fixed memory: the algorithm Space-Saving (Metwally, Agrawal
/// and El Abbadi, Efficient Computation of Frequent and Top-k Elements in Data Streams, 2005).
///
/// The value has a fixed number of places, each for one key. While there are no more keys than places, all
/// sums are exact. When no place is free, a new key takes the place of the key with the smallest sum. The new
/// key's sum is then this smallest sum plus its own weight. So a sum can be too large, by at most `excess`,
/// and is never too small. With n places, each key whose true sum is more than 1/n of the sum of all weights
/// has a place.
///
/// After `subtract`, these bounds do not hold for a key that has lost its place.
///
/// A crawl of many hosts adds a new key for almost every task. So a heap finds the smallest sum. The
/// functions are inlinable, because code that is not specialized needs microseconds for a new key. The type
/// is `public` for the same reason as `Deque`.
public struct HeavyHitters<Key: Hashable & Sendable>: Sendable {
    /// A key with a place, and the estimate of the key's sum.
    public struct Entry: Sendable {
        /// The key.
        public var key: Key
        /// The estimated sum of the key's weights.
        public var sum: Int
        /// The largest number by which `sum` can be too large.
        public var excess: Int

        @usableFromInline init(key: Key, sum: Int, excess: Int) {
            (self.key, self.sum, self.excess) = (key, sum, excess)
        }
    }

    @usableFromInline let places: Int
    @usableFromInline var placesByKey: [Key: Int] = [:]
    @usableFromInline var held: [Entry] = []
    /// A binary heap of all places, with the smallest sum on top.
    @usableFromInline var heap: [Int] = []
    /// The index of each place in the heap.
    @usableFromInline var indices: [Int] = []

    /// The keys that have a place, in no particular order.
    @inlinable public var entries: [Entry] { held }

    /// Creates an empty value with a number of places, at least 1.
    @inlinable public init(places: Int) { self.places = places }

    /// Adds a weight of at least 0 to the sum of a key.
    @inlinable public mutating func add(_ key: Key, _ weight: Int = 1) {
        if let place = placesByKey[key] {
            held[place].sum += weight
            sink(from: indices[place])
        } else if held.count < places {
            placesByKey[key] = held.count
            heap.append(held.count)
            indices.append(held.count)
            held.append(Entry(key: key, sum: weight, excess: 0))
            rise(from: heap.count - 1)
        } else {
            replaceSmallest(by: key, weight)
        }
    }

    /// Subtracts a weight that was added before; a key whose sum becomes 0 or less leaves its place.
    ///
    /// The call does nothing for a key without a place.
    @inlinable public mutating func subtract(_ key: Key, _ weight: Int = 1) {
        guard let place = placesByKey[key] else { return }
        held[place].sum -= weight
        rise(from: indices[place])
        guard held[place].sum <= 0 else { return }
        placesByKey[key] = nil
        leaveHeap(place)
        let last = held.removeLast()
        let index = indices.removeLast()
        guard place < held.count else { return }
        (held[place], placesByKey[last.key]) = (last, place)
        (indices[place], heap[index]) = (index, place)
    }

    @inlinable mutating func replaceSmallest(by key: Key, _ weight: Int) {
        let smallest = heap[0]
        let sum = held[smallest].sum
        placesByKey[held[smallest].key] = nil
        placesByKey[key] = smallest
        held[smallest] = Entry(key: key, sum: sum + weight, excess: sum)
        sink(from: 0)
    }

    /// Removes a place from the heap.
    @inlinable mutating func leaveHeap(_ place: Int) {
        let index = indices[place]
        let last = heap.removeLast()
        guard index < heap.count else { return }
        (heap[index], indices[last]) = (last, index)
        rise(from: index)
        sink(from: indices[last])
    }

    /// Moves a place towards the top of the heap, to where its sum belongs.
    @inlinable mutating func rise(from start: Int) {
        var index = start
        while index > 0, held[heap[index]].sum < held[heap[(index - 1) / 2]].sum {
            exchange(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Moves a place away from the top of the heap, to where its sum belongs.
    @inlinable mutating func sink(from start: Int) {
        var index = start
        while index * 2 + 1 < heap.count {
            var below = index * 2 + 1
            if below + 1 < heap.count, held[heap[below + 1]].sum < held[heap[below]].sum { below += 1 }
            guard held[heap[below]].sum < held[heap[index]].sum else { return }
            exchange(index, below)
            index = below
        }
    }

    @inlinable mutating func exchange(_ one: Int, _ other: Int) {
        heap.swapAt(one, other)
        (indices[heap[one]], indices[heap[other]]) = (one, other)
    }

    /// Returns the keys with the largest sums, at most `count`, largest sum first.
    @inlinable public func largest(_ count: Int) -> [Entry] {
        Array(entries.sorted { $0.sum > $1.sum }.prefix(count))
    }
}
