// SPDX-License-Identifier: MIT
// fetchpool

/// Makes the tables for a terminal.
enum TextReport {
    /// Returns the table of one workload, with a row for each program.
    static func table(_ workload: Workload, _ series: [Series]) -> String {
        let rows = series.map { series in
            ["  " + series.contender] + SeriesFigures(series).cells + [SeriesFigures(series).memory]
        }
        let heading = ["  program", "per second", "least - most", "CPU ms each", "ok", "peak MB"]
        let lines =
            aligned([heading] + rows, left: [0, 5])
            + (SeriesFigures.remarks(on: series) + KnownFigure.remarks(on: series)).map { "  " + $0 }
        return "\(workload.rawValue): \(workload.title)\n" + lines.joined(separator: "\n")
    }

    /// Returns the table of targets; the last column is `held` or `missed`.
    static func table(_ verdicts: [Verdict]) -> String {
        let rows = verdicts.map { verdict in
            [
                "  " + verdict.workload.rawValue, verdict.comparison, Figure.short(verdict.ratio),
                verdict.boundText, verdict.isHeld ? "held" : "missed",
            ]
        }
        let heading = ["  workload", "compared", "ratio", "target", ""]
        return "targets\n" + aligned([heading] + rows, left: [0, 1, 3, 4]).joined(separator: "\n")
    }

    /// Returns lines with aligned columns; the columns in `left` are aligned left, the others right.
    static func aligned(_ rows: [[String]], left: Set<Int>) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                line += (column > 0 ? "  " : "") + (left.contains(column) ? cell + space : space + cell)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
