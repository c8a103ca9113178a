// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// A table with a number for each task; the number is never 0.
///
/// In a large table, a task whose id is a line number takes about eight bytes, and any other task about 20.
struct TaskTable: Sendable {
    private var pages = NumberPages()
    private var others = KeyTable()
    /// The number of tasks in the table.
    private(set) var count = 0

    /// The number of a task; `nil` if it has none.
    subscript(key: TaskKey) -> UInt64? {
        switch key {
        case .number(let number): pages[number] ?? others[key.spread]
        case .hash(let hash): others[hash]
        }
    }

    /// Stores the number of a task, and returns the number that it replaces; `nil` if there was none.
    ///
    /// `value` must not be 0.
    @discardableResult
    mutating func set(_ value: UInt64, for key: TaskKey) -> UInt64? {
        let old = self[key]
        if old == nil { count += 1 }
        switch key {
        // `others` can still hold an older number of the task. The number in `pages` takes precedence.
        case .number(let number):
            if !pages.set(value, for: number, count: count) { others.set(value, for: key.spread) }
        case .hash(let hash): others.set(value, for: hash)
        }
        return old
    }
}

/// A table of values for numbers that lie close together.
private struct NumberPages: Sendable {
    private static let pageBits = 16
    /// The number of pages that may exist while the table has fewer than 65,536 values.
    private static let fewPages = 64

    /// The pages by number; a page without a value is empty, and 0 means no value.
    private var pages: [[UInt64]] = []

    subscript(number: Int) -> UInt64? {
        let page = number >> Self.pageBits
        guard page >= 0, page < pages.count, !pages[page].isEmpty else { return nil }
        let value = pages[page][number & (1 << Self.pageBits - 1)]
        return value == 0 ? nil : value
    }

    /// Stores a value, unless `number` is negative or far above `count`, the number of all values.
    ///
    /// - Returns: True if the value was stored.
    mutating func set(_ value: UInt64, for number: Int, count: Int) -> Bool {
        let page = number >> Self.pageBits
        guard page >= 0, page < Self.fewPages + 2 * (count >> Self.pageBits) else { return false }
        while pages.count <= page { pages.append([]) }
        if pages[page].isEmpty { pages[page] = [UInt64](repeating: 0, count: 1 << Self.pageBits) }
        pages[page][number & (1 << Self.pageBits - 1)] = value
        return true
    }
}
