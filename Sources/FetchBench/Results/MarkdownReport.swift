// SPDX-License-Identifier: MIT
// fetchpool

/// Makes the full report for the page about the benchmark; `ShortTable` makes the table of the README.
enum MarkdownReport {
    /// Returns the machine, the targets and the results of each program as Markdown.
    static func text(_ results: BenchResults, _ verdicts: [Verdict]) -> String {
        var parts = [introduction(results)]
        if !verdicts.isEmpty { parts += ["### Targets", table(verdicts)] }
        parts += ["### Results of each program", table(results.series)]
        let remarks = SeriesFigures.remarks(on: results.series).map { "- \($0)" }
        if !remarks.isEmpty { parts.append(remarks.joined(separator: "\n")) }
        parts += KnownFigure.remarks(on: results.series)
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func introduction(_ results: BenchResults) -> String {
        let machine = results.machine
        let versions = machine.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return
            "Measured on \(machine.date) with \(machine.cores) cores of \(machine.processor), \(machine.kernel), "
            + "against \(machine.server) on the same cores; "
            + "\(results.rounds) \(results.rounds == 1 ? "round" : "rounds") (fewer for long runs), in which the programs ran one after the other; rates and CPU times are medians. "
            + "Versions: \(versions.joined(separator: ", "))."
    }

    private static func table(_ verdicts: [Verdict]) -> String {
        rows(
            ["workload", "compared", "ratio", "target", ""],
            alignment: "---|---|---:|---|---",
            verdicts.map {
                [
                    $0.workload.rawValue, $0.comparison, Figure.short($0.ratio), $0.boundText,
                    $0.isHeld ? "held" : "**missed**",
                ]
            }
        )
    }

    private static func table(_ series: [Series]) -> String {
        rows(
            ["workload", "program", "per second", "least - most", "CPU ms each", "ok", "peak MB"],
            alignment: "---|---|---:|---:|---:|---:|---",
            series.map { series in
                let figures = SeriesFigures(series)
                var cells = figures.cells
                // A series without measurements has one cell.
                while cells.count < 4 { cells.append("") }
                return [series.workload.rawValue, series.contender] + cells + [figures.memory]
            }
        )
    }

    /// Returns a Markdown table.
    static func rows(_ heading: [String], alignment: String, _ rows: [[String]]) -> String {
        let lines = ([heading] + rows).map { cells in
            // A bar or a line break in the text of a failure would end the cell.
            let safe = cells.map { $0.replacing("|", with: "\\|").replacing("\n", with: " ") }
            return "| " + safe.joined(separator: " | ") + " |"
        }
        return ([lines[0], "|" + alignment + "|"] + lines.dropFirst()).joined(separator: "\n")
    }
}
