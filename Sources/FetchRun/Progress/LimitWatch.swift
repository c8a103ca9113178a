// SPDX-License-Identifier: MIT
// fetchpool

/// The limit that a run had most often at the last looks.
///
/// A run that works well meets another limit each moment: the input while a batch is read, a host while its
/// response comes. The text would change too fast to be read.
struct LimitWatch: Sendable {
    private var last: [RunLimit?] = []

    /// The number of looks that count.
    private static let looks = 10

    /// Notes the limit at one look; `nil` if there was none.
    mutating func note(_ limit: RunLimit?) {
        if last.count == Self.looks { last.removeFirst() }
        last.append(limit)
    }

    /// The newest of the limits of the most frequent kind; `nil` if there was none most often.
    var limit: RunLimit? {
        var counts: [RunLimit.Kind?: Int] = [:]
        for look in last { counts[look?.kind, default: 0] += 1 }
        guard let most = counts.values.max() else { return nil }
        return last.last { counts[$0?.kind] == most } ?? nil
    }
}
