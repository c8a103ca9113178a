// SPDX-License-Identifier: MIT
// fetchpool

/// One of several parts of an input; a separate run fetches each part.
///
/// A hash of the host decides the part of a task. So all tasks of a host are in one part, and one run applies
/// the limits of the host.
package struct Shard: Hashable, Sendable {
    /// The number of this part, from 1.
    package let number: Int
    /// The number of parts.
    package let count: Int

    /// Creates a part; `nil` unless `number` is from 1 to `count`, and `count` is at most `mostParts`.
    package init?(_ number: Int, of count: Int) {
        guard number >= 1, number <= count, count <= Self.mostParts else { return nil }
        (self.number, self.count) = (number, count)
    }

    /// The largest number of parts.
    package static let mostParts = 1_000_000

    /// Returns true if a task with this host belongs to the part.
    ///
    /// `name` is the host in lower case. For a task without a host, `name` is the text of its URL.
    func has(_ name: Span<UInt8>) -> Bool {
        // The parts must be the same in each version and on each machine. So the hash is FNV-1a with 64 bits
        // (draft-eastlake-fnv-21). The upper half of the hash is mixed into the lower half.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in name.indices { hash = (hash ^ UInt64(name[index])) &* 0x0000_0100_0000_01B3 }
        hash ^= hash >> 32
        return Int(hash % UInt64(count)) == number - 1
    }

    /// Returns true if an invalid line with this number belongs to the part.
    func has(line ordinal: Int) -> Bool { ordinal % count == number - 1 }
}
