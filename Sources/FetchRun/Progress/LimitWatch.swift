// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// The limit that a run had most often at the looks of a `RunWatch` in the last two seconds.
///
/// The limit of a fast run can change with each look. A text with the current limit would change too fast.
struct LimitWatch: Sendable {
    private var last: [(limit: RunLimit?, time: PoolTime)] = []

    /// The largest number of looks that count, and the age from which a look does not count any more.
    private static let looks = 10
    private static let age: PoolTime.Milliseconds = 2_000

    /// Notes the limit at one look; `nil` if there was none.
    mutating func note(_ limit: RunLimit?, at now: PoolTime) {
        last.removeAll { $0.time + Self.age <= now }
        if last.count == Self.looks { last.removeFirst() }
        last.append((limit, now))
    }

    /// The newest limit of the most frequent kind; no limit (`nil`) counts as a kind.
    var limit: RunLimit? {
        var counts: [RunLimit.Kind?: Int] = [:]
        for look in last { counts[look.limit?.kind, default: 0] += 1 }
        guard let most = counts.values.max() else { return nil }
        return last.last { counts[$0.limit?.kind] == most }?.limit
    }
}
