// SPDX-License-Identifier: MIT
// fetchpool

extension ReportPage {
    /// The largest number of workers of each kind that are shown.
    private static let most = 64

    /// Writes the records and the deaths of each worker by time.
    mutating func writeWorkers() {
        let all = figures.workers.workers
        guard !all.isEmpty else { return }
        html.markup("<section>\n<h2>Workers</h2>\n<p class=\"say\">")
        let width = Shown.span(figures.grid.width)
        html.text("Records of each worker per \(width): none")
        html.markup(
            "<svg class=\"ramp\" viewBox=\"0 0 5 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        )
        for level in 0..<5 { cells(level, "M\(level) 0h1v1h-1z") }
        html.markup("</svg>")
        html.text("many.")
        if all.contains(where: { $0.deaths > 0 }) {
            html.text(" A red mark is a task with the outcome worker_crash or timeout.")
        }
        html.text(" In hand: the average number of tasks that the worker had at the same time.")
        if all.contains(where: { $0.key.machine != nil }) {
            html.text(" Processing worker 2/0 is worker 0 on the machine of fetch worker 2.")
        }
        html.markup("</p>\n")
        for processes in [false, true] {
            let workers = all.filter { $0.key.processes == processes }
            if !workers.isEmpty { write(workers, processes ? "Processing workers" : "Fetch workers") }
        }
        html.markup("</section>\n")
    }

    private mutating func write(_ workers: [WorkerFigures.Worker], _ title: String) {
        let grid = figures.grid
        var shown = workers
        if workers.count > Self.most {
            shown = Array(workers.sorted { $0.records > $1.records }.prefix(Self.most))
        }
        let order = { (key: WorkerFigures.Key) in (key.source, key.machine ?? 0, key.place) }
        shown.sort { order($0.key) < order($1.key) }
        element("<h3>", title, "</h3>\n<div class=\"scroll\"><table>")
        if workers.count > shown.count {
            element(
                "<caption>",
                "the \(shown.count) of \(workers.count) workers with the most records",
                "</caption>"
            )
        }
        html.markup(
            "<thead><tr><th scope=\"col\">worker</th><th scope=\"col\" class=\"strip\">over time</th>"
        )
        html.markup(
            "<th scope=\"col\" class=\"n\">records</th><th scope=\"col\" class=\"n wide\">processes</th>"
        )
        html.markup(
            "<th scope=\"col\" class=\"n\">deaths</th><th scope=\"col\" class=\"n wide\">in hand</th></tr></thead><tbody>\n"
        )
        let most = shown.map { grid.counts($0.row).max() ?? 0 }.max() ?? 0
        let length = figures.period.map { $0.upperBound - $0.lowerBound } ?? 0
        for worker in shown {
            html.markup("<tr><th scope=\"row\" class=\"any\">")
            if figures.sources.count > 1 {
                html.foreign(sourceName(worker.key.source))
                html.markup(" ")
            }
            let machine = worker.key.machine.map { "\($0)/" } ?? ""
            element("", "\(machine)\(worker.key.place)", "</th><td class=\"strip\">")
            draw(worker, grid, most)
            html.markup("</td>")
            cell(Shown.integer(worker.records))
            element("<td class=\"n wide\">", Shown.integer(worker.processes), "</td>")
            cell(Shown.integer(worker.deaths))
            let mean = length > 0 ? worker.time / Double(length) : 0
            let inHand = mean == 0 ? "–" : mean < 0.01 ? "< 0.01" : Shown.short(mean)
            element("<td class=\"n wide\">", inHand, "</td></tr>\n")
        }
        html.markup("<tr aria-hidden=\"true\"><td class=\"axis\"></td><td class=\"axis\">")
        let columns = grid.columns
        if !columns.isEmpty {
            let start = grid.start(of: columns.lowerBound)
            horizontal(Axis.times(from: start, to: start + columns.count * grid.width))
        }
        html.markup("</td><td class=\"axis\"></td><td class=\"axis wide\"></td><td class=\"axis\"></td>")
        html.markup("<td class=\"axis wide\"></td></tr>\n</tbody></table></div>\n")
    }

    /// Writes the records and the deaths of a worker by time, as a strip with one column for each column of
    /// `grid`.
    ///
    /// A column with more records has a stronger colour. `most` is the largest number of records in a column
    /// of any shown worker.
    private mutating func draw(_ worker: WorkerFigures.Worker, _ grid: TimeGrid, _ most: Int) {
        let columns = grid.columns
        guard !columns.isEmpty else { return }
        html.markup("<svg viewBox=\"0 0 ")
        html.number(columns.count)
        html.markup(" 18\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"")
        html.text("\(Shown.count(worker.records, "record")), \(Shown.count(worker.deaths, "death"))")
        html.markup("\">")
        var paths = [String](repeating: "", count: 5)
        var index = 0
        let counts = Array(grid.counts(worker.row))
        while index < counts.count {
            let level = Self.level(counts[index], most)
            var end = index + 1
            while end < counts.count, Self.level(counts[end], most) == level { end += 1 }
            if level >= 0 { paths[level] += "M\(index) 0h\(end - index)v18h-\(end - index)z" }
            index = end
        }
        for (level, path) in paths.enumerated() where !path.isEmpty { cells(level, path) }
        if let row = worker.deathRow {
            // The width of a mark is at least 1/150 of the width of the strip.
            let width = max(1, Double(columns.count) / 150)
            for (index, count) in grid.counts(row).enumerated() where count > 0 {
                let x = max(0, Double(index) + (1 - width) / 2)
                rectangle("death", x: x, y: 0, width: width, height: 18)
            }
        }
        html.markup("</svg>")
    }

    /// Returns the strength of the colour for `count` records, from 0 to 4; −1 for no record.
    private static func level(_ count: Int, _ most: Int) -> Int {
        guard count > 0, most > 0 else { return -1 }
        // The square root makes differences between small numbers more visible.
        return min(4, Int((Double(count) / Double(most)).squareRoot() * 5))
    }

    private mutating func cells(_ level: Int, _ path: String) {
        switch level {
        case 0: html.markup("<path class=\"h1\" d=\"")
        case 1: html.markup("<path class=\"h2\" d=\"")
        case 2: html.markup("<path class=\"h3\" d=\"")
        case 3: html.markup("<path class=\"h4\" d=\"")
        default: html.markup("<path class=\"h5\" d=\"")
        }
        element("", path, "\"/>")
    }
}
