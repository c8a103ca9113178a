// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The entries of a journal by task.
struct JournalEntries: Sendable {
    private var table = TaskTable()

    /// The number of tasks with an entry.
    var count: Int { table.count }

    /// The last entry that was set for `key`; `nil` if there is none.
    subscript(key: TaskKey) -> JournalEntry? { table[key].map(JournalEntry.init(bits:)) }

    /// Stores the entry of a task, and returns the replaced entry; `nil` if there was none.
    mutating func set(_ entry: JournalEntry, for key: TaskKey) -> JournalEntry? {
        table.set(entry.bits, for: key).map(JournalEntry.init(bits:))
    }
}

/// A journal's entries of invalid input lines, by id, about 20 bytes each.
///
/// These entries have a table of their own, because a line whose id cannot be read is recorded with its line
/// number. Another task can have this number as its id.
struct InvalidEntries: Sendable {
    private var table = KeyTable()
    private var isEmpty = true

    /// The last entry that was set for `key`; `nil` if there is none.
    subscript(key: TaskKey) -> JournalEntry? {
        // Most journals have no such entry. In these journals, `isEmpty` makes the hash of the key
        // unnecessary.
        isEmpty ? nil : table[key.spread].map(JournalEntry.init(bits:))
    }

    /// Stores the entry of an invalid line.
    mutating func set(_ entry: JournalEntry, for key: TaskKey) {
        isEmpty = false
        table.set(entry.bits, for: key.spread)
    }
}
