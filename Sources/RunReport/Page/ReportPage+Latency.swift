// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc

extension ReportPage {
    /// Writes the times of fetches and of processing.
    mutating func writeLatency() {
        let times = figures.times
        guard times.total.total > 0 || times.processing != nil else { return }
        // A record of a `data:` URL can have a processing time, but it has no fetch time.
        let hasFetches = times.total.total > 0
        html.markup("<section>\n<h2>")
        html.markup(hasFetches ? "Time of a fetch</h2>\n" : "Time of processing</h2>\n")
        if hasFetches {
            html.markup("<p class=\"say\">")
            html.text(
                "\(Shown.count(times.total.total, "fetch", "fetches")), from the start of the last attempt to its end, on a logarithmic scale."
            )
            html.markup("</p>\n")
        }
        html.markup("<div class=\"pair\">\n")
        drawTimes(times.total)
        writeTimesTable(times)
        html.markup("</div>\n</section>\n")
    }

    private mutating func drawTimes(_ times: LatencyHistogram) {
        let (first, counts) = times.fourths
        guard !counts.isEmpty else { return html.markup("<div></div>") }
        // If there are fewer than 12 bars, blank space at both sides keeps them from becoming too wide.
        let room = max(0, (12 - counts.count + 1) / 2)
        let (width, start) = (counts.count + 2 * room, first / exp2(Double(room) / 4))
        let (axis, end) = Axis.numbers(upTo: counts.max() ?? 0)
        html.markup("<figure><div class=\"plot marked\">")
        vertical(axis)
        html.markup("<svg viewBox=\"0 0 ")
        html.number(width)
        html.markup(" 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"")
        html.text("Histogram of the times of fetches; the table beside it has the quantiles")
        html.markup("\">")
        gridLines(axis, width: Double(width))
        html.markup("<g class=\"bars\">")
        for (index, count) in counts.enumerated() {
            let height = Double(count) / end * 100
            let low = first * exp2(Double(index) / 4)
            html.markup("<g><title>")
            html.text(
                "\(Shown.milliseconds(low)) to \(Shown.milliseconds(low * exp2(0.25))): \(Shown.count(count, "fetch", "fetches"))"
            )
            html.markup("</title>")
            let x = Double(room + index)
            if height > 0 { rectangle("good", x: x + 0.06, y: 100 - height, width: 0.88, height: height) }
            rectangle("hit", x: x, y: 0, width: 1, height: 100)
            html.markup("</g>")
        }
        html.markup("</g>")
        let octaves = Double(width) / 4
        let marks = [("median", 0.5), ("90 %", 0.9), ("99 %", 0.99)].map {
            (name: $0.0, value: times.quantile($0.1), x: log2(times.quantile($0.1) / start) / octaves)
        }
        for (row, mark) in marks.enumerated() {
            // The line goes beyond the drawing, up to the text of the quantile.
            html.markup("<line class=\"quantile\" y2=\"100\" y1=\"")
            html.number(Double(row) * 7.5 - 22)
            html.markup("\" x1=\"")
            html.number(mark.x * Double(width))
            html.markup("\" x2=\"")
            html.number(mark.x * Double(width))
            html.markup("\"/>")
        }
        html.markup("</svg><div class=\"qs\" aria-hidden=\"true\">")
        for (row, mark) in marks.enumerated() {
            html.markup(mark.x > 0.72 ? "<span class=\"z\" style=\"left:" : "<span style=\"left:")
            html.number(mark.x * 100)
            html.markup("%;top:")
            html.number(row * 17 - 52)
            element("px\">", "\(mark.name) \(Shown.milliseconds(mark.value))", "</span>")
        }
        html.markup("</div>")
        horizontal(Axis.durations(from: start, octaves: octaves))
        html.markup("</div></figure>\n")
    }

    private mutating func writeTimesTable(_ times: PhaseTimes) {
        let rows: [(String, LatencyHistogram?)] = [
            ("whole fetch", times.total), ("first byte", times.firstByte), ("name look-up", times.lookup),
            ("connection", times.connecting), ("TLS", times.securing), ("processing", times.processing),
        ]
        html.markup(
            "<div class=\"scroll\"><table><thead><tr><th scope=\"col\"></th><th scope=\"col\" class=\"n\">median</th>"
        )
        html.markup("<th scope=\"col\" class=\"n\">90 %</th><th scope=\"col\" class=\"n\">99 %</th>")
        html.markup("<th scope=\"col\" class=\"n\">longest</th></tr></thead><tbody>\n")
        for (name, histogram) in rows {
            guard let histogram, histogram.total > 0 else { continue }
            element("<tr><th scope=\"row\">", name, "</th>")
            for share in [0.5, 0.9, 0.99] { cell(Shown.milliseconds(histogram.quantile(share))) }
            cell(Shown.milliseconds(histogram.longest))
            html.markup("</tr>\n")
        }
        html.markup("</tbody></table></div>\n")
    }
}
