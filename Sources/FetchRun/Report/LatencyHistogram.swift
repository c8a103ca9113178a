// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// Durations by size, in steps of about 5 %, so that quantiles of any number of them cost a fixed memory.
struct LatencyHistogram: Sendable {
    private static let step = 1.05
    private static let smallest = 0.001
    private var counts = [Int](repeating: 0, count: 512)
    private(set) var total = 0
    /// The longest, in milliseconds.
    private(set) var longest = 0.0

    /// Adds a duration in milliseconds.
    mutating func add(milliseconds: Double) {
        let size = log(max(milliseconds, Self.smallest) / Self.smallest) / log(Self.step)
        counts[min(max(Int(size), 0), counts.count - 1)] += 1
        total += 1
        longest = max(longest, milliseconds)
    }

    /// The duration that a share of all do not exceed, in milliseconds; `share` is from 0 to 1.
    func quantile(_ share: Double) -> Double {
        let rank = Int((Double(total) * share).rounded(.up))
        var seen = 0
        for (index, count) in counts.enumerated() {
            seen += count
            if seen >= rank, count > 0 {
                return min(Self.smallest * pow(Self.step, Double(index) + 0.5), longest)
            }
        }
        return longest
    }
}
