// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// A watch that finds the kind of `RunLimit` that a run had most often lately.
///
/// The last ten calls of `note` count, without those that are two seconds old or older.
///
/// The limit of a fast run can change from call to call. A text with the current limit would change too fast.
struct LimitWatch: Sendable {
    private var last: [(limit: RunLimit?, time: PoolTime)] = []

    /// The largest number of calls of `note` that count.
    private static let looks = 10
    /// The age from which a call of `note` does not count.
    private static let age: PoolTime.Milliseconds = 2_000

    /// Notes the limit that the run has at `now`; `nil` if the run has no limit.
    mutating func note(_ limit: RunLimit?, at now: PoolTime) {
        last.removeAll { $0.time + Self.age <= now }
        if last.count == Self.looks { last.removeFirst() }
        last.append((limit, now))
    }

    /// The newest limit of the most frequent kind; no limit (`nil`) counts as a kind.
    ///
    /// Of several kinds that are equally frequent, the kind that was noted last counts. Before the first call
    /// of `note`, the value is `nil`.
    var limit: RunLimit? {
        var counts: [RunLimit.Kind?: Int] = [:]
        for look in last { counts[look.limit?.kind, default: 0] += 1 }
        guard let most = counts.values.max() else { return nil }
        return last.last { counts[$0.limit?.kind] == most }?.limit
    }
}
