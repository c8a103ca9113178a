// SPDX-License-Identifier: MIT
// fetchpool

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
