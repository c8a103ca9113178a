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
