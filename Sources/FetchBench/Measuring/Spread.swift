// SPDX-License-Identifier: MIT
// fetchpool

/// The median, minimum and maximum of some figures.
struct Spread: Codable, Sendable, Hashable {
    /// The middle figure, or the mean of the two middle figures.
    let median: Double
    let min: Double
    let max: Double

    /// Computes the values; returns `nil` if there are no figures.
    init?(_ figures: [Double]) {
        let sorted = figures.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        (min, max) = (first, last)
    }
}
