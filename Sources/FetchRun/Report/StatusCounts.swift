// SPDX-License-Identifier: MIT
// fetchpool

/// The number of records by HTTP status.
struct StatusCounts: Hashable, Sendable {
    /// The numbers for the statuses 0 to 999.
    private var counts = [Int](repeating: 0, count: 1_000)
    /// The number of records with any other status.
    private(set) var others = 0

    /// Adds `step` to the number of records with this status.
    @inline(__always)
    mutating func change(_ status: Int, by step: Int = 1) {
        if status >= 0, status < 1_000 { counts[status] += step } else { others += step }
    }

    /// Each status from 0 to 999 that a record has, in ascending order, with the number of its records.
    var all: [(status: Int, count: Int)] {
        counts.indices.filter { counts[$0] > 0 }.map { ($0, counts[$0]) }
    }
}
