// SPDX-License-Identifier: MIT
// fetchpool

/// All runs of one contender in one workload.
struct Series: Sendable {
    let workload: Workload
    let contender: String
    let isPeer: Bool
    var measurements: [Measurement] = []
    /// The reason why a run failed; `nil` if none failed.
    ///
    /// After a failed run there are no more runs.
    var failure: String?

    /// The number of tasks per second; `nil` if there are no measurements.
    var rate: Spread? { Spread(measurements.map(\.rate)) }

    /// The time of a run, in seconds; `nil` if there are no measurements.
    var seconds: Spread? { Spread(measurements.map(\.seconds)) }

    /// The processor time per task, in milliseconds; `nil` if there are no measurements.
    var cpuMilliseconds: Spread? {
        Spread(measurements.map { $0.cpuSeconds * 1_000 / Double(Swift.max($0.items, 1)) })
    }

    /// The largest memory of one process in any run, in KiB, by the name of its program.
    var peakKiB: [String: Int] {
        measurements.reduce(into: [:]) { $0.merge($1.peakKiB, uniquingKeysWith: Swift.max) }
    }

    /// Returns one of the additional figures; nil if no measurement has it.
    func figure(_ name: FigureName) -> Spread? {
        Spread(measurements.compactMap { $0.figures?[name.rawValue] })
    }

    /// The share of tasks that succeeded, from 0 to 1; nil if there were no tasks.
    var okShare: Double? {
        let items = measurements.reduce(0) { $0 + $1.items }
        return items == 0 ? nil : Double(measurements.reduce(0) { $0 + $1.ok }) / Double(items)
    }
}
