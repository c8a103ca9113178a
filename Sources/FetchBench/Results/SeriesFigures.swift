// SPDX-License-Identifier: MIT
// fetchpool

/// Makes the cells of a table from a series.
struct SeriesFigures {
    private let series: Series

    init(_ series: Series) { self.series = series }

    /// The rate, its range, the processor time per task, and the share of successes; only the failure if
    /// there is no measurement.
    var cells: [String] {
        guard let rate = series.rate else { return [series.failure ?? "not measured"] }
        let share = (series.okShare ?? 0) * 100
        return [
            Figure.short(rate.median), "\(Figure.short(rate.min)) - \(Figure.short(rate.max))",
            series.cpuMilliseconds.map { Figure.short($0.median) } ?? "-",
            share == 100 ? "100 %" : "\(Figure.short(share)) %",
        ]
    }

    /// Returns a line for each series that has additional figures.
    static func remarks(on all: [Series]) -> [String] {
        all.compactMap { series in
            let figures = FigureName.allCases.compactMap { name in
                series.figure(name).map { "\(name.text) \(Figure.short($0.median))" }
            }
            return figures.isEmpty ? nil : "\(series.contender): \(figures.joined(separator: ", "))"
        }
    }

    /// The largest memory of each program, in descending order, without programs below 4,000 KiB.
    var memory: String {
        series.peakKiB.filter { $0.value >= 4_000 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \(Figure.megabytes($0.value))" }.joined(separator: ", ")
    }
}
