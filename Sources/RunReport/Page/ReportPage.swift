// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

/// The page of a report: one HTML document that needs no network, no script and no other file.
package struct ReportPage {
    let figures: ReportFigures
    var html = HTMLWriter()

    private init(_ figures: ReportFigures) { self.figures = figures }

    /// Returns the page in UTF-8.
    package static func html(of figures: ReportFigures) -> [UInt8] {
        var page = ReportPage(figures)
        page.write()
        return page.html.bytes
    }

    private mutating func write() {
        html.markup(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <title>
            """
        )
        html.text("fetchpool: \(headline)")
        html.markup("</title>\n<style>\n")
        html.markup(PageStyle.sheet)
        html.markup("\n</style>\n</head>\n<body>\n<main>\n")
        writeSummary()
        writeThroughput()
        writeLatency()
        writeOutcomes()
        writeHosts()
        writeDeaths()
        writeWorkers()
        writeNotes()
        html.markup("</main>\n</body>\n</html>\n")
    }

    /// The result of the run in a few words.
    var headline: String {
        let (good, all) = (figures.count(.ok), figures.records)
        if all == 0 { return "No task has ended" }
        if all == 1 { return good == 1 ? "The one task is ok" : "The one task is not ok" }
        if good == all { return "All \(Shown.integer(all)) tasks are ok" }
        if good == 0 { return "None of \(Shown.integer(all)) tasks is ok" }
        return "\(Shown.integer(good)) of \(Shown.integer(all)) tasks \(good == 1 ? "is" : "are") ok"
    }

    // MARK: Elements

    /// Writes `text` between two pieces of markup.
    mutating func element(_ begin: StaticString, _ text: String, _ end: StaticString) {
        html.markup(begin)
        html.text(text)
        html.markup(end)
    }

    /// Writes a table cell with a short text, aligned to the right.
    mutating func cell(_ text: String) { element("<td class=\"n\">", text, "</td>") }

    /// Writes a table cell with a bar.
    ///
    /// `share` is the length of the bar, from 0 to 1. `kind` is the class of the bar in the style sheet. If
    /// `isWide` is true, the cell is hidden on narrow screens and in print.
    mutating func bar(_ share: Double, _ kind: StaticString, isWide: Bool = false) {
        html.markup(isWide ? "<td class=\"bar wide\">" : "<td class=\"bar\">")
        html.markup("<svg viewBox=\"0 0 100 9\" preserveAspectRatio=\"none\" aria-hidden=\"true\">")
        html.markup("<rect class=\"rest\" width=\"100\" height=\"9\"/><rect class=\"")
        html.markup(kind)
        html.markup("\" width=\"")
        // A bar that is not 0 is wide enough to be seen.
        html.number(share > 0 ? min(max(share * 100, 1.2), 100) : 0)
        html.markup("\" height=\"9\"/></svg></td>")
    }

    /// Writes a square in the colour of an outcome.
    mutating func dot(_ outcome: Outcome) {
        html.markup("<svg class=\"dot\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"o-")
        html.markup(outcome.word)
        html.markup("\" width=\"10\" height=\"10\" rx=\"2.5\"/></svg>")
    }

    /// Writes the marks of a horizontal axis.
    mutating func horizontal(_ axis: Axis) {
        let isLong = axis.marks.contains { $0.text.count > 8 }
        html.markup(isLong ? "<div class=\"xs long\"" : "<div class=\"xs\"")
        html.markup(" aria-hidden=\"true\">")
        for mark in axis.marks {
            html.markup("<span")
            if mark.position < 0.03 { html.markup(" class=\"a\"") }
            if mark.position > 0.95 { html.markup(" class=\"z\"") }
            html.markup(" style=\"left:")
            html.number(mark.position * 100)
            element("%\">", mark.text, "</span>")
        }
        html.markup("</div>")
    }

    /// Writes the marks of a vertical axis.
    mutating func vertical(_ axis: Axis) {
        html.markup("<div class=\"ys\" aria-hidden=\"true\">")
        for mark in axis.marks {
            html.markup("<span style=\"top:")
            html.number(100 - mark.position * 100)
            element("%\">", mark.text, "</span>")
        }
        html.markup("</div>")
    }

    /// Writes the horizontal lines of a drawing that is 100 units high and `width` units wide.
    mutating func gridLines(_ axis: Axis, width: Double) {
        for mark in axis.marks {
            html.markup(
                mark.position == 0
                    ? "<line class=\"base\" x1=\"0\" x2=\"" : "<line class=\"grid\" x1=\"0\" x2=\""
            )
            html.number(width)
            html.markup("\" y1=\"")
            html.number(100 - mark.position * 100)
            html.markup("\" y2=\"")
            html.number(100 - mark.position * 100)
            html.markup("\"/>")
        }
    }

    /// Writes a rectangle; `kind` is its class in the style sheet.
    mutating func rectangle(_ kind: StaticString, x: Double, y: Double, width: Double, height: Double) {
        html.markup("<rect class=\"")
        html.markup(kind)
        html.markup("\" x=\"")
        html.number(x)
        html.markup("\" y=\"")
        html.number(y)
        html.markup("\" width=\"")
        html.number(width)
        html.markup("\" height=\"")
        html.number(height)
        html.markup("\"/>")
    }

    /// The name of a file as the page shows it: without its folders, and `standard input` for `-`.
    func sourceName(_ source: Int) -> String {
        let name = figures.sources[source]
        if name == "-" { return "standard input" }
        return ShownText.of(
            Array((name.split(separator: "/").last.map(String.init) ?? name).utf8),
            limit: 120
        )
    }
}
