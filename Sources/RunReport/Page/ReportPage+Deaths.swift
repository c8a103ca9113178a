// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

extension ReportPage {
    /// The largest number of examples that are shown without a click.
    private static let shownExamples = 2

    /// Writes the section about the tasks with the outcome `worker_crash` or `timeout`.
    mutating func writeDeaths() {
        let causes = figures.deaths.causes.sorted { $0.count > $1.count }
        guard !causes.isEmpty else { return }
        let (crashes, timeouts) = (figures.count(.workerCrash), figures.count(.timeout))
        html.markup("<section>\n<h2>Crashes</h2>\n<p class=\"say\">")
        html.text(
            "Tasks with the outcome worker_crash (\(Shown.integer(crashes))) or timeout (\(Shown.integer(timeouts))): a worker died or was ended, or a fetch lacked memory, descriptors, ports or threads."
        )
        html.markup("</p>\n<table><thead><tr><th scope=\"col\">cause</th><th scope=\"col\">class</th>")
        html.markup(
            "<th scope=\"col\" class=\"bar\"></th><th scope=\"col\" class=\"n\">tasks</th></tr></thead><tbody>\n"
        )
        for cause in causes {
            html.markup("<tr><th scope=\"row\" class=\"any\">")
            html.foreign(cause.name)
            element("</th><td>", cause.errorClass?.rawValue ?? "", "</td>")
            let share = Double(cause.count) / Double(causes[0].count)
            if cause.errorClass == .deadline { bar(share, "o-timeout") } else { bar(share, "o-worker_crash") }
            cell(Shown.integer(cause.count))
            html.markup("</tr>\n")
        }
        html.markup("</tbody></table>\n<h3>Examples</h3>\n")
        var shown = 0
        for cause in causes {
            for (index, example) in cause.examples.enumerated() {
                let isOpen = index == 0 && shown < Self.shownExamples
                if isOpen { shown += 1 }
                write(example, cause, isOpen: isOpen)
            }
        }
        html.markup("</section>\n")
    }

    private mutating func write(_ example: DeathFigures.Example, _ cause: DeathFigures.Cause, isOpen: Bool) {
        html.markup(isOpen ? "<details open><summary>" : "<details><summary>")
        html.foreign(cause.name)
        html.markup(" · task ")
        html.foreign(example.id)
        if !example.url.isEmpty {
            html.markup(" · <span class=\"soft\">")
            html.foreign(example.url)
            html.markup("</span>")
        }
        html.markup("</summary>\n<p class=\"say any\">")
        html.foreign(example.message.isEmpty ? "no message" : example.message)
        html.markup(" · ")
        html.foreign(example.process)
        if let time = example.time { html.text(" · \(Shown.day(time)), \(Shown.time(time, .second)) UTC") }
        if let peak = example.peakKiB {
            html.text(" · peak memory \(Shown.size(min(peak, 1 << 50) * 1_024))")
        }
        if !example.bodyPath.isEmpty {
            html.markup(" · body in ")
            html.foreign(example.bodyPath)
        }
        html.markup("</p>\n")
        if example.lines.isEmpty {
            html.markup("<p class=\"say\">The record has no standard error output of the worker.</p>")
        } else {
            html.markup("<pre>")
            for (index, line) in example.lines.enumerated() {
                if index > 0 { html.markup("\n") }
                html.foreign(line)
            }
            html.markup("</pre>")
        }
        html.markup("</details>\n")
    }
}
