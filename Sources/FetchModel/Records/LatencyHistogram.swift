// SPDX-License-Identifier: MIT
// fetchpool

/// A histogram of durations, which computes quantiles of any number of durations in fixed memory.
///
/// The range from each power of two to the next is divided into 64 equal steps. The width of a step is at
/// most 1.6 % of its start. A step includes its end, but not its start. So the step of a duration is
/// computed from the largest `Double` below the duration. The exponent and the first six fraction bits of
/// this `Double` determine the step.
package struct LatencyHistogram: Sendable {
    /// The start of the first step, in milliseconds.
    private static let smallest = 0x1p-10
    /// The number of fraction bits that do not affect the step.
    private static let unusedBits: UInt64 = 52 - 6
    private static let firstStep = Int(smallest.bitPattern >> unusedBits)
    /// The number of steps from 2^−10 ms to 2^30 ms (12 days).
    ///
    /// Shorter durations count in the first step, and longer durations in the last step.
    private static let steps = 40 * 64

    private var counts = [Int](repeating: 0, count: steps)
    /// The number of durations.
    package private(set) var total = 0
    /// The sum of all durations, in milliseconds.
    package private(set) var sum = 0.0
    /// The longest duration, in milliseconds; 0 if there are none.
    package private(set) var longest = 0.0

    /// Creates a histogram without a duration.
    package init() {}

    /// Adds a duration, in milliseconds; a negative duration counts as 0.
    package mutating func add(milliseconds: Double) {
        // One is subtracted, because a step includes its end.
        let inside = max(milliseconds, Self.smallest.nextUp).bitPattern - 1
        counts[min(Int(inside >> Self.unusedBits) - Self.firstStep, Self.steps - 1)] += 1
        total += 1
        sum += max(milliseconds, 0)
        longest = max(longest, milliseconds)
    }

    /// Returns a quantile of the durations, in milliseconds; 0 if there are no durations.
    ///
    /// `share` is from 0 to 1. For 0.9, at least 90 % of all durations are not longer than the result. The
    /// result is rounded up to the end of its step, but is at most the longest duration.
    package func quantile(_ share: Double) -> Double {
        let rank = Int((Double(total) * share).rounded(.up))
        var seen = 0
        for (step, count) in counts.enumerated() {
            seen += count
            if seen >= rank, count > 0 { return min(Self.start(of: step + 1), longest) }
        }
        return longest
    }

    /// Returns the number of durations up to each power of two, from 2^`first` to 2^`last` milliseconds.
    ///
    /// `first` is at least −10, and `last` at most 30. The number for −10 is always 0, even if some durations
    /// are that short. The number for 30 includes all longer durations.
    package func cumulative(from first: Int, through last: Int) -> [Int] {
        var (numbers, seen): ([Int], Int) = ([], 0)
        for (step, count) in counts.enumerated() {
            let power = step / 64 - 10
            if step % 64 == 0, power >= first, power <= last { numbers.append(seen) }
            seen += count
        }
        if last == 30 { numbers.append(seen) }
        return numbers
    }

    /// The numbers of durations in the fourths of octaves, and the start of the first of these fourths, in
    /// milliseconds.
    ///
    /// An octave is the range from one power of two to the next. Its fourths have about the same width on a
    /// logarithmic scale. Fourths below the shortest duration and above the longest duration are left out.
    /// Without a duration, `counts` is empty.
    package var fourths: (start: Double, counts: [Int]) {
        // The steps nearest to 64 times (2^(1/4) − 1), (2^(1/2) − 1) and (2^(3/4) − 1).
        let ends = [12, 27, 44, 64]
        var sums: [Int] = []
        for octave in stride(from: 0, to: counts.count, by: 64) {
            var step = octave
            for end in ends {
                sums.append(counts[step..<octave + end].reduce(0, +))
                step = octave + end
            }
        }
        guard let first = sums.firstIndex(where: { $0 > 0 }), let last = sums.lastIndex(where: { $0 > 0 })
        else { return (Self.smallest, []) }
        let start = Self.start(of: first / 4 * 64 + (first % 4 == 0 ? 0 : ends[first % 4 - 1]))
        return (start, Array(sums[first...last]))
    }

    private static func start(of step: Int) -> Double {
        Double(bitPattern: UInt64(firstStep + step) << unusedBits)
    }
}
