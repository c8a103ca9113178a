// SPDX-License-Identifier: MIT
// fetchpool

/// The limit that a run had most often at the last ten looks of a `RunWatch`.
///
/// The limit of a fast run can change with each look. A text with the current limit would change too fast.
struct LimitWatch: Sendable {
    private var last: [RunLimit?] = []

    /// The number of looks that count.
    private static let looks = 10

    /// Notes the limit at one look; `nil` if there was none.
    mutating func note(_ limit: RunLimit?) {
        if last.count == Self.looks { last.removeFirst() }
        last.append(limit)
    }

    /// The newest limit of the most frequent kind; no limit (`nil`) counts as a kind.
    var limit: RunLimit? {
        var counts: [RunLimit.Kind?: Int] = [:]
        for look in last { counts[look?.kind, default: 0] += 1 }
        guard let most = counts.values.max() else { return nil }
        return last.last { counts[$0?.kind] == most } ?? nil
    }
}
