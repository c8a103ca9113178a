// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// A set of the ids of tasks.
///
/// An integer that is not far larger than the number of ids takes one bit. Any other id takes about ten
/// bytes.
struct TaskIDs: Sendable {
    private static let pageBits = 16
    /// The largest number of pages while there are fewer than 65,536 ids.
    private static let fewPages = 64

    /// One bit for each number, in pages of 65,536 bits; a page is an empty array until one of its bits is
    /// set.
    private var pages: [[UInt64]] = []
    private var hashes = HashSet()
    private var count = 0

    /// Adds an id.
    ///
    /// - Parameters:
    ///   - number: The value of the id if the id is an integer from 0 to 2^53 − 1; otherwise `nil`.
    ///   - hash: The hash of the id.
    /// - Returns: True if the set had the id before.
    mutating func insert(_ number: Int?, _ hash: @autoclosure () -> UInt64) -> Bool {
        count += 1
        if let number {
            let page = number >> Self.pageBits
            // A number that is far larger than the count of ids would need many empty pages.
            if page < Self.fewPages + count >> Self.pageBits * 2 {
                while pages.count <= page { pages.append([]) }
                if pages[page].isEmpty {
                    pages[page] = [UInt64](repeating: 0, count: 1 << Self.pageBits / 64)
                }
                let place = number & (1 << Self.pageBits - 1)
                let bit: UInt64 = 1 << UInt64(place & 63)
                let isKnown = pages[page][place >> 6] & bit != 0
                pages[page][place >> 6] |= bit
                // When there were fewer ids, the hash of the number may have been stored instead of a bit.
                return isKnown || !hashes.isEmpty && hashes.contains(hash())
            }
        }
        return hashes.insert(hash())
    }
}

/// A set of hashes.
///
/// The set consists of 256 tables with open addressing, so that growth copies only one table.
struct HashSet: Sendable {
    /// The hashes; 0 is a free place.
    private var tables = [[UInt64]](repeating: [], count: 256)
    private var counts = [Int](repeating: 0, count: 256)

    private(set) var isEmpty = true

    func contains(_ hash: UInt64) -> Bool {
        let hash = max(hash, 1)
        let table = tables[Int(hash >> 56)]
        return !table.isEmpty && table[Self.place(of: hash, in: table)] == hash
    }

    /// Adds a hash; returns true if the set contained the hash before.
    mutating func insert(_ hash: UInt64) -> Bool {
        let hash = max(hash, 1)
        let table = Int(hash >> 56)
        if counts[table] * 8 >= tables[table].count * 7 { grow(table) }
        let place = Self.place(of: hash, in: tables[table])
        guard tables[table][place] == 0 else { return true }
        tables[table][place] = hash
        counts[table] += 1
        isEmpty = false
        return false
    }

    /// Returns the index of `hash` in `table`, or the index of the free place for it; there must be a free
    /// place.
    private static func place(of hash: UInt64, in table: [UInt64]) -> Int {
        // The upper eight bits chose the table.
        var place = Int((hash << 8).multipliedFullWidth(by: UInt64(table.count)).high)
        while table[place] != 0, table[place] != hash {
            place += 1
            if place == table.count { place = 0 }
        }
        return place
    }

    private mutating func grow(_ table: Int) {
        let old = tables[table]
        var new = [UInt64](repeating: 0, count: max(16, old.count + old.count / 4))
        for hash in old where hash != 0 { new[Self.place(of: hash, in: new)] = hash }
        tables[table] = new
    }
}
