// SPDX-License-Identifier: MIT
// fetchpool

/// All runs of one program in one workload.
struct Series: Sendable {
    let workload: Workload
    let contender: String
    let isPeer: Bool
    var measurements: [Measurement] = []
    /// The reason why there are no more runs, if one failed.
    var failure: String?

    /// The number of tasks per second.
    var rate: Spread? { Spread(measurements.map(\.rate)) }

    /// The seconds of a run.
    var seconds: Spread? { Spread(measurements.map(\.seconds)) }

    /// The milliseconds of processor time per task.
    var cpuMilliseconds: Spread? {
        Spread(measurements.map { $0.cpuSeconds * 1_000 / Double(Swift.max($0.items, 1)) })
    }

    /// The largest memory of each program in any run, in KiB.
    var peakKiB: [String: Int] {
        measurements.reduce(into: [:]) { $0.merge($1.peakKiB, uniquingKeysWith: Swift.max) }
    }

    /// Returns one of the further figures of its measurements.
    func figure(_ name: FigureName) -> Spread? {
        Spread(measurements.compactMap { $0.figures?[name.rawValue] })
    }

    /// The share of tasks that succeeded.
    var okShare: Double? {
        let items = measurements.reduce(0) { $0 + $1.items }
        return items == 0 ? nil : Double(measurements.reduce(0) { $0 + $1.ok }) / Double(items)
    }
}
