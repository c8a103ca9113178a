// SPDX-License-Identifier: MIT
// fetchpool

/// A value from the results, usually a ratio, and the bound that it must meet.
struct Target: Sendable {
    /// The bound on the value.
    enum Bound: Sendable, Hashable {
        case atLeast(Double)
        case atMost(Double)
    }

    let workload: Workload
    /// The comparison as text, for tables.
    let comparison: String
    let bound: Bound
    /// Returns the value; `nil` if a needed figure was not measured.
    let ratio: @Sendable (BenchResults) -> Double?

    /// Returns the verdict on this target; `nil` if the value was not measured or is not finite.
    func verdict(in results: BenchResults) -> Verdict? {
        guard let ratio = ratio(results), ratio.isFinite else { return nil }
        let isHeld =
            switch bound {
            case .atLeast(let least): ratio >= least
            case .atMost(let most): ratio <= most
            }
        return Verdict(workload: workload, comparison: comparison, ratio: ratio, bound: bound, isHeld: isHeld)
    }

    /// Makes a target that compares the processor times per task of two contenders.
    static func processorTime(
        _ workload: Workload,
        _ one: String,
        over other: String,
        atMost bound: Double
    ) -> Target {
        compare(workload, "processor time of \(one) : \(other)", .atMost(bound)) { results in
            (results.series(workload, one)?.cpuMilliseconds, results.series(workload, other)?.cpuMilliseconds)
        }
    }

    /// Makes a target that compares the times that two contenders take for the same list of tasks.
    static func time(_ workload: Workload, _ one: String, over other: String, atMost bound: Double) -> Target
    {
        compare(workload, "time of \(one) : \(other)", .atMost(bound)) { results in
            (results.series(workload, one)?.seconds, results.series(workload, other)?.seconds)
        }
    }

    /// Makes a target whose value is the median of the first figure, divided by the median of the second.
    static func compare(
        _ workload: Workload,
        _ comparison: String,
        _ bound: Bound,
        _ figures: @escaping @Sendable (BenchResults) -> (Spread?, Spread?)
    ) -> Target {
        Target(workload: workload, comparison: comparison, bound: bound) { results in
            guard case (let one?, let other?) = figures(results) else { return nil }
            return one.median / other.median
        }
    }

    /// Makes a target that compares the rates of two contenders.
    static func rate(_ workload: Workload, _ one: String, over other: String, atLeast bound: Double) -> Target
    {
        Target(workload: workload, comparison: "\(one) : \(other)", bound: .atLeast(bound)) { results in
            guard let own = results.series(workload, one)?.rate,
                let peer = results.series(workload, other)?.rate
            else { return nil }
            return own.median / peer.median
        }
    }
}

/// The value of a target, and whether the value meets the bound.
struct Verdict: Encodable, Sendable, Hashable {
    let workload: Workload
    let comparison: String
    let ratio: Double
    let bound: Target.Bound
    let isHeld: Bool

    var boundText: String {
        switch bound {
        case .atLeast(let bound): "at least \(Figure.plain(bound))"
        case .atMost(let bound): "at most \(Figure.plain(bound))"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case workload, comparison, ratio, held
        case atLeast = "at_least"
        case atMost = "at_most"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(workload, forKey: .workload)
        try container.encode(comparison, forKey: .comparison)
        try container.encode(ratio, forKey: .ratio)
        switch bound {
        case .atLeast(let bound): try container.encode(bound, forKey: .atLeast)
        case .atMost(let bound): try container.encode(bound, forKey: .atMost)
        }
        try container.encode(isHeld, forKey: .held)
    }
}
