// SPDX-License-Identifier: MIT
// fetchpool

/// The entries of a journal by task: eight bytes for a task whose id is a line number, and about 20 bytes for
/// any other task.
struct JournalEntries: Sendable {
    private var pages = NumberPages()
    private var others = KeyTable()
    /// The number of tasks with an entry.
    private(set) var count = 0

    /// The last entry that was set for `key`; `nil` if there is none.
    subscript(key: TaskKey) -> JournalEntry? {
        switch key {
        case .number(let number): (pages[number] ?? others[Self.hash(number)]).map(JournalEntry.init(bits:))
        case .hash(let hash): others[hash].map(JournalEntry.init(bits:))
        }
    }

    /// Stores the entry of a task, and returns the one that it replaces.
    mutating func set(_ entry: JournalEntry, for key: TaskKey) -> JournalEntry? {
        let old = self[key]
        if old == nil { count += 1 }
        switch key {
        // An entry in `others`, from the time at which the number was far beyond all others, is hidden by
        // the entry in `pages`.
        case .number(let number):
            if !pages.set(entry.bits, for: number, count: count) {
                others.set(entry.bits, for: Self.hash(number))
            }
        case .hash(let hash): others.set(entry.bits, for: hash)
        }
        return old
    }

    private static func hash(_ number: Int) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(number)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}

/// Values for numbers that lie close together, in pages.
private struct NumberPages: Sendable {
    private static let pageBits = 16
    /// The number of pages that may exist before there are many values.
    private static let fewPages = 64

    /// The pages by number; a page without a value is empty, and 0 is no value.
    private var pages: [[UInt64]] = []

    subscript(number: Int) -> UInt64? {
        let page = number >> Self.pageBits
        guard page >= 0, page < pages.count, !pages[page].isEmpty else { return nil }
        let value = pages[page][number & (1 << Self.pageBits - 1)]
        return value == 0 ? nil : value
    }

    /// Stores a value, unless the number is far beyond `count`, the number of all values.
    ///
    /// Returns true if the value was stored.
    mutating func set(_ value: UInt64, for number: Int, count: Int) -> Bool {
        let page = number >> Self.pageBits
        guard page >= 0, page < Self.fewPages + 2 * (count >> Self.pageBits) else { return false }
        while pages.count <= page { pages.append([]) }
        if pages[page].isEmpty { pages[page] = [UInt64](repeating: 0, count: 1 << Self.pageBits) }
        pages[page][number & (1 << Self.pageBits - 1)] = value
        return true
    }
}

/// Values by hash, in 256 tables with open addressing, so that a table that grows copies little.
private struct KeyTable: Sendable {
    private struct Slot: Sendable {
        var hash: UInt64 = 0
        /// 0 for a free slot.
        var value: UInt64 = 0
    }

    private var tables = [[Slot]](repeating: [], count: 256)
    private var counts = [Int](repeating: 0, count: 256)

    subscript(hash: UInt64) -> UInt64? {
        let table = Int(hash >> 56)
        guard !tables[table].isEmpty else { return nil }
        let slot = tables[table][Self.place(of: hash, in: tables[table])]
        return slot.value == 0 ? nil : slot.value
    }

    mutating func set(_ value: UInt64, for hash: UInt64) {
        let table = Int(hash >> 56)
        if counts[table] * 8 >= tables[table].count * 7 { grow(table) }
        let place = Self.place(of: hash, in: tables[table])
        if tables[table][place].value == 0 { counts[table] += 1 }
        tables[table][place] = Slot(hash: hash, value: value)
    }

    /// Returns the slot with `hash`, or else the free slot for it; a table always has a free slot.
    private static func place(of hash: UInt64, in table: [Slot]) -> Int {
        // The upper eight bits chose the table.
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
