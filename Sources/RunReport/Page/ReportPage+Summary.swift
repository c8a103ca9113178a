// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

extension ReportPage {
    /// Writes the beginning of the page: the result, the main numbers, and the outcomes as one bar.
    mutating func writeSummary() {
        html.markup("<header>\n<p class=\"kicker\">fetchpool · report of a run</p>\n")
        element("<h1>", headline, "</h1>\n")
        html.markup("<p class=\"soft any\">")
        if let period = figures.period {
            html.text(Self.shown(period))
            html.markup(" · ")
        }
        writeSources()
        html.markup("</p>\n</header>\n")
        writeTiles()
        writeOutcomeBar()
    }

    private static func shown(_ period: ClosedRange<Int>) -> String {
        let (start, end) = (period.lowerBound, period.upperBound)
        let (first, last) = (Shown.day(start), Shown.day(end))
        let form: Shown.Clock = end - start < 60_000 ? .millisecond : .second
        let (from, to) = (Shown.time(start, form), Shown.time(end, form))
        return first == last ? "\(first), \(from) to \(to) UTC" : "\(first), \(from) to \(last), \(to) UTC"
    }

    private mutating func writeSources() {
        let most = 3
        for source in figures.sources.indices.prefix(most) {
            if source > 0 { html.markup(", ") }
            html.foreign(sourceName(source))
        }
        let rest = figures.sources.count - most
        if rest > 0 { html.text(" and " + Shown.count(rest, "more file")) }
    }

    private mutating func writeTiles() {
        html.markup("<dl class=\"tiles\">\n")
        let (all, good, failures) = (figures.records, figures.count(.ok), figures.failures)
        tile("tasks", Shown.integer(all), tasksNote)
        tile("ok", Shown.share(good, of: all), Shown.count(good, "task"))
        tile("failed", Shown.share(failures, of: all), Shown.count(failures, "task"))
        let length = figures.period.map { $0.upperBound - $0.lowerBound }
        tile(
            "time",
            length.map(Shown.span) ?? "unknown",
            "first fetch to last response"
        )
        if let length, length > 0 {
            tile("throughput", Shown.rate(all - figures.untimed, milliseconds: length), peak)
        }
        let times = figures.times.total
        if times.total > 0 {
            tile(
                "time of a fetch, median",
                Shown.milliseconds(times.quantile(0.5)),
                "99 % within \(Shown.milliseconds(times.quantile(0.99)))"
            )
        }
        // With `--fields`, records may lack the sizes of their bodies.
        if figures.hasBodySizes || good == 0 {
            tile("bodies", Shown.size(figures.bodyBytes), bodiesNote)
        }
        if figures.hosts.distinct > 0 {
            let about = figures.hosts.isPartial ? "about " : ""
            tile("hosts", about + Shown.integer(figures.hosts.distinct), retriesNote)
        }
        html.markup("</dl>\n")
    }

    private mutating func tile(_ name: String, _ value: String, _ note: String) {
        element("<div><dt>", name, "</dt>")
        element("<dd>", value, "")
        if !note.isEmpty { element("<small>", note, "</small>") }
        html.markup("</dd></div>\n")
    }

    private var tasksNote: String {
        if figures.repeats > 0 { return "some ids repeat" }
        return figures.superseded > 0
            ? Shown.count(figures.superseded, "earlier record") + " replaced" : "one record each"
    }

    private var bodiesNote: String {
        figures.wireBytes > 0 ? "\(Shown.size(figures.wireBytes)) on the wire" : "decoded"
    }

    private var retriesNote: String {
        guard figures.attempts > 0 else { return "" }
        return figures.retried > 0
            ? Shown.count(figures.retried, "task") + " fetched again" : "no task fetched again"
    }

    /// The note on the largest throughput of a column of the time grid.
    ///
    /// The note is `on average` if there are fewer than three columns, or if a column is narrower than 1 s.
    private var peak: String {
        let grid = figures.grid
        guard grid.width >= 1_000 else { return "on average" }
        let sums = zip(grid.counts(figures.goodRow), grid.counts(figures.failedRow)).map { $0 + $1 }
        guard sums.count > 2, let most = sums.max() else { return "on average" }
        return
            "at most \(Shown.rate(most, milliseconds: grid.width)) for \(Shown.span(grid.width))"
    }

    private mutating func writeOutcomeBar() {
        guard figures.records > 0 else { return }
        let outcomes = Outcome.allCases.filter { figures.count($0) > 0 }
        html.markup(
            "<svg class=\"all\" viewBox=\"0 0 1000 16\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\""
        )
        html.text(
            outcomes.map { "\($0.rawValue) \(Shown.share(figures.count($0), of: figures.records))" }
                .joined(separator: ", ")
        )
        html.markup("\">")
        // Each part is at least 3 units wide, so that it can be seen. The largest part becomes narrower by
        // the excess width.
        let widths = outcomes.map { max(Double(figures.count($0)) / Double(figures.records) * 1_000, 3) }
        let excess = widths.reduce(0, +) - 1_000
        let largest = widths.max().flatMap(widths.firstIndex)
        var x = 0.0
        for (index, outcome) in outcomes.enumerated() {
            let width = index == largest ? max(widths[index] - excess, 3) : widths[index]
            html.markup("<g><title>")
            html.text("\(outcome.rawValue): \(Shown.integer(figures.count(outcome)))")
            html.markup("</title><rect class=\"o-")
            html.markup(outcome.word)
            html.markup("\" height=\"16\" x=\"")
            html.number(x)
            html.markup("\" width=\"")
            html.number(width)
            html.markup("\"/></g>")
            x += width
        }
        html.markup("</svg>\n<ul class=\"key\">")
        for outcome in outcomes {
            html.markup("<li>")
            dot(outcome)
            html.text("\(outcome.rawValue) ")
            element("<span>", Shown.integer(figures.count(outcome)), "</span></li>")
        }
        html.markup("</ul>\n")
    }
}
