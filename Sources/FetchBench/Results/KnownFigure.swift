// SPDX-License-Identifier: MIT
// fetchpool

/// The known rate of a peer (a program to compare fetchpool with) on a quiet machine with two cores.
///
/// If the measured rate is much lower, the ratio to fetchpool means little, so the report warns the reader.
struct KnownFigure: Sendable {
    let workload: Workload
    let program: String
    /// The number of tasks per second.
    let rate: Double

    /// The share of the known rate below which a remark is shown.
    private static let least = 0.7

    /// The known figures; each rate is the lowest in several measurements.
    static let all = [
        KnownFigure(workload: .dispatch, program: "ProcessPoolExecutor, chunksize 1", rate: 6_900),
        KnownFigure(workload: .dispatch, program: "ProcessPoolExecutor, chunksize 256", rate: 990_000),
        KnownFigure(workload: .dispatch, program: "pebble", rate: 12_900),
        KnownFigure(workload: .dispatch, program: "loky", rate: 6_400),
        KnownFigure(workload: .dispatch, program: "GNU parallel", rate: 300),
        KnownFigure(workload: .small, program: "Go net/http", rate: 40_000),
        KnownFigure(workload: .small, program: "curl --parallel", rate: 25_000),
        KnownFigure(workload: .small, program: "aiohttp", rate: 6_800),
        KnownFigure(workload: .small, program: "requests, 20 processes", rate: 300),
        KnownFigure(workload: .small, program: "wrk", rate: 131_000),
    ]

    /// Returns a sentence for each program whose rate is more than 30 % below the known rate.
    static func remarks(on series: [Series]) -> [String] {
        all.compactMap { known in
            let measured = series.first { $0.workload == known.workload && $0.contender == known.program }
            guard let rate = measured?.rate?.median, rate < least * known.rate else { return nil }
            return "\(known.program) reached \(Figure.short(rate / known.rate * 100)) % of its known rate, "
                + "\(Figure.short(known.rate)) per second on two quiet cores: "
                + "this machine is slower or was busy, or the program has a problem."
        }
    }
}
