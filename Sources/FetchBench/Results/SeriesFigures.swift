// SPDX-License-Identifier: MIT
// fetchpool

/// Makes the cells of a table from a series.
struct SeriesFigures {
    private let series: Series

    init(_ series: Series) { self.series = series }

    /// The median and the range of the rate, the median processor time per task in milliseconds, and the
    /// share of successes.
    ///
    /// Without a measurement, there is one cell with the reason, or with `not measured`.
    var cells: [String] {
        guard let rate = series.rate else {
            return [(series.failure ?? "not measured").replacing("\n", with: " ")]
        }
        let share = (series.okShare ?? 0) * 100
        return [
            Figure.short(rate.median), "\(Figure.short(rate.min)) - \(Figure.short(rate.max))",
            series.cpuMilliseconds.map { Figure.short($0.median) } ?? "-",
            share == 100 ? "100 %" : "\(Figure.short(share)) %",
        ]
    }

    /// Returns lines about additional figures, and about programs that failed after a successful run.
    static func remarks(on all: [Series]) -> [String] {
        all.flatMap { series in
            let figures = FigureName.allCases.compactMap { name in
                series.figure(name).map { "\(name.text) \(Figure.short($0.median))" }
            }
            var lines: [String] = []
            if !figures.isEmpty { lines.append("\(series.contender): \(figures.joined(separator: ", "))") }
            if !series.measurements.isEmpty, let failure = series.failure {
                let line = failure.replacing("\n", with: " ")
                lines.append("\(series.contender): a later run failed: \(line)")
            }
            return lines
        }
    }

    /// The peak memory of each program in MB, in descending order.
    ///
    /// For a program with several processes, the largest peak counts. Programs below 4,000 KiB are left out.
    var memory: String {
        series.peakKiB.filter { $0.value >= 4_000 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \(Figure.megabytes($0.value))" }.joined(separator: ", ")
    }
}
