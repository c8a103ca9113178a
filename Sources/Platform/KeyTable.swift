// SPDX-License-Identifier: MIT
// fetchpool

/// A table from hashes to numbers, both of 64 bits.
///
/// The table consists of 256 small tables with open addressing, so growth copies only one small table. The
/// hashes must be evenly distributed, because their upper bits choose the small table and the slot in it.
package struct KeyTable: Sendable {
    private struct Slot: Sendable {
        var hash: UInt64 = 0
        /// The stored number; 0 in a free slot.
        var value: UInt64 = 0
    }

    private var tables = [[Slot]](repeating: [], count: 256)
    private var counts = [Int](repeating: 0, count: 256)

    /// Creates an empty table.
    package init() {}

    /// The value that was stored for `hash`; `nil` if there is none.
    package subscript(hash: UInt64) -> UInt64? {
        let table = Int(hash >> 56)
        guard !tables[table].isEmpty else { return nil }
        let slot = tables[table][Self.place(of: hash, in: tables[table])]
        return slot.value == 0 ? nil : slot.value
    }

    /// Stores `value`, which must not be 0, for `hash`; an earlier value is replaced.
    package mutating func set(_ value: UInt64, for hash: UInt64) {
        let table = Int(hash >> 56)
        if counts[table] * 8 >= tables[table].count * 7 { grow(table) }
        let place = Self.place(of: hash, in: tables[table])
        if tables[table][place].value == 0 { counts[table] += 1 }
        tables[table][place] = Slot(hash: hash, value: value)
    }

    /// Returns the index of the slot for `hash`, used or free; `table` must have a free slot.
    private static func place(of hash: UInt64, in table: [Slot]) -> Int {
        // The upper eight bits have chosen the table, so the other bits choose the slot.
        var place = Int((hash << 8).multipliedFullWidth(by: UInt64(table.count)).high)
        while table[place].value != 0, table[place].hash != hash {
            place += 1
            if place == table.count { place = 0 }
        }
        return place
    }

    private mutating func grow(_ table: Int) {
        let old = tables[table]
        var new = [Slot](repeating: Slot(), count: max(16, old.count + old.count / 4))
        for slot in old where slot.value != 0 { new[Self.place(of: slot.hash, in: new)] = slot }
        tables[table] = new
    }
}
