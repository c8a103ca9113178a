// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

extension ReportPage {
    /// Writes the notes on what the page counts.
    mutating func writeNotes() {
        html.markup("<footer>\n<ul>\n")
        for note in notes { element("<li>", note, "</li>\n") }
        html.markup("</ul>\n<p>")
        html.text("Made by fetchpool \(ProductVersion.text). The page needs no network.")
        html.markup("</p>\n</footer>\n")
    }

    private var notes: [String] {
        var notes = [
            "A record counts as failed if its outcome is neither ok nor skipped. Times are in UTC. A quantile is rounded up, by at most 1.6 %."
        ]
        if figures.superseded > 0 {
            let many = figures.superseded > 1
            notes.append(
                "\(Shown.count(figures.superseded, "record is", "records are")) not counted, since a later record of the same task replaces \(many ? "them" : "it")."
            )
        }
        notes += figures.notices.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
        if figures.workers.recordsOfOthers > 0 {
            notes.append(
                "The page has figures of \(Shown.integer(figures.workers.workers.count)) workers only. The records name other workers \(Shown.count(figures.workers.recordsOfOthers, "time"))."
            )
        }
        if figures.grid.columns.count > 0 {
            notes.append(
                "In the charts over time, a record counts at the time at which its response came or its fetch failed."
            )
        }
        return notes
    }
}

extension ReportFigures {
    /// The sentences about repeated ids, lines that do not count, and empty files; without full stops.
    package var notices: [String] {
        var notices: [String] = []
        if repeats > 0 {
            notices.append(
                "\(Shown.count(repeats, "record has", "records have")) the id of an earlier one, and all count: the bytes of a pipe could not be stored for a second reading"
            )
        }
        if tornLines > 0 {
            let many = tornLines > 1
            notices.append(
                "\(Shown.count(tornLines, "line ends", "lines end")) in the middle of a record, and \(many ? "do" : "does") not count"
            )
        }
        if otherLines > 0, let first = firstOtherLine {
            let name = ReportError.shown(sources[first.source])
            let verb = otherLines == 1 ? "is not a record and does" : "are not records and do"
            notices.append(
                "\(Shown.count(otherLines, "line")) \(verb) not count; the first is line \(first.line) of \(name)"
            )
        }
        for source in emptySources { notices.append("\(ReportError.shown(sources[source])) is empty") }
        return notices
    }
}
