// SPDX-License-Identifier: MIT
// fetchpool

extension ReportPage {
    /// The largest number of rows of the table beside the drawing.
    private static let mostRows = 10

    /// Writes the numbers of records by time.
    mutating func writeThroughput() {
        guard figures.records > 0 else { return }
        html.markup("<section>\n<h2>Throughput</h2>\n")
        guard let period = figures.period else {
            html.markup("<p class=\"say\">No record has a time.</p>\n</section>\n")
            return
        }
        let grid = figures.grid
        html.markup("<p class=\"say\">")
        html.text(
            "Records per \(Shown.span(grid.width)), by the time of the response, in UTC. The upper parts are failed records."
        )
        if figures.untimed > 0 {
            html.text(
                " \(Shown.count(figures.untimed, "record has", "records have")) no time: nothing was fetched, or --fields left it out."
            )
        }
        html.markup("</p>\n<div class=\"pair\">\n")
        drawThroughput(grid)
        writeThroughputTable(grid, period)
        html.markup("</div>\n</section>\n")
    }

    private mutating func drawThroughput(_ grid: TimeGrid) {
        let columns = grid.columns
        let (good, failed) = (Array(grid.counts(figures.goodRow)), Array(grid.counts(figures.failedRow)))
        let most = zip(good, failed).map { $0 + $1 }.max() ?? 0
        let (axis, end) = Axis.numbers(upTo: most)
        html.markup("<figure><div class=\"plot\">")
        vertical(axis)
        html.markup("<svg viewBox=\"0 0 ")
        html.number(columns.count)
        html.markup(" 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"")
        html.text(
            "Records over time, in \(Shown.count(columns.count, "column")); the table beside it has the numbers"
        )
        html.markup("\">")
        gridLines(axis, width: Double(columns.count))
        html.markup("<g class=\"bars\">")
        // Without gaps, a few wide columns would look like one area.
        let width = columns.count > 80 ? 1 : min(0.86, Double(columns.count) * 0.07)
        let form = Shown.Clock.telling(step: min(grid.width, 59_999), length: columns.count * grid.width)
        for (index, column) in columns.enumerated() {
            let (low, high) = (Double(good[index]) / end * 100, Double(failed[index]) / end * 100)
            html.markup("<g><title>")
            let time = Shown.time(grid.start(of: column), form)
            html.text("\(time): \(Shown.count(good[index] + failed[index], "record"))")
            if failed[index] > 0 { html.text(", \(Shown.integer(failed[index])) failed") }
            html.markup("</title>")
            let x = Double(index) + (1 - width) / 2
            if low > 0 { rectangle("good", x: x, y: 100 - low, width: width, height: low) }
            if high > 0 { rectangle("bad", x: x, y: 100 - low - high, width: width, height: high) }
            rectangle("hit", x: Double(index), y: 0, width: 1, height: 100)
            html.markup("</g>")
        }
        html.markup("</g></svg>")
        let start = grid.start(of: columns.lowerBound)
        horizontal(Axis.times(from: start, to: start + columns.count * grid.width))
        html.markup("</div></figure>\n")
    }

    private mutating func writeThroughputTable(_ grid: TimeGrid, _ period: ClosedRange<Int>) {
        let columns = grid.columns
        let (start, end) = (grid.start(of: columns.lowerBound), grid.start(of: columns.upperBound))
        let width =
            TimeGrid.widths.first { width in
                width >= grid.width && Self.index(end - 1, width) - Self.index(start, width) < Self.mostRows
            } ?? end - start
        var rows: [(start: Int, good: Int, failed: Int)] = []
        for column in columns {
            let first = Self.index(grid.start(of: column), width) * width
            if rows.last?.start != first { rows.append((first, 0, 0)) }
            rows[rows.count - 1].good += grid[figures.goodRow, column]
            rows[rows.count - 1].failed += grid[figures.failedRow, column]
        }
        html.markup("<table><thead><tr><th scope=\"col\">from</th><th scope=\"col\" class=\"n\">records</th>")
        html.markup(
            "<th scope=\"col\" class=\"n\">failed</th><th scope=\"col\" class=\"n\">rate</th></tr></thead><tbody>\n"
        )
        let form = Shown.Clock.telling(step: width, length: end - start)
        for row in rows {
            element("<tr><th scope=\"row\">", Shown.time(row.start, form), "</th>")
            cell(Shown.integer(row.good + row.failed))
            cell(Shown.integer(row.failed))
            let length = min(row.start + width, period.upperBound) - max(row.start, period.lowerBound)
            // The first and the last row can cover a part of the run that is too short for a rate.
            cell(length * 10 >= width ? Shown.rate(row.good + row.failed, milliseconds: length) : "–")
            html.markup("</tr>\n")
        }
        html.markup("</tbody></table>\n")
    }

    private static func index(_ time: Int, _ width: Int) -> Int {
        time >= 0 ? time / width : (time + 1) / width - 1
    }
}
