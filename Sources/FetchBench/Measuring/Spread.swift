// SPDX-License-Identifier: MIT
// fetchpool

/// The middle and the ends of some figures.
struct Spread: Codable, Sendable, Hashable {
    /// The middle one; between the two middle ones of an even number.
    let median: Double
    let min: Double
    let max: Double

    /// Sorts the figures; `nil` where there are none.
    init?(_ figures: [Double]) {
        let sorted = figures.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        (min, max) = (first, last)
    }
}
