// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel

extension ReportPage {
    /// The largest number of hosts in each table.
    private static let most = 15
    /// The smallest number of fetches of a host in the table of slow hosts.
    ///
    /// The limit applies only if it leaves enough hosts to fill the table.
    private static let fewestFetches = 5

    /// Writes the hosts with the most failures, and the slowest hosts.
    mutating func writeHosts() {
        let hosts = figures.hosts.hosts
        guard !hosts.isEmpty else { return }
        html.markup("<section>\n")
        if figures.hosts.isPartial {
            html.markup("<p class=\"say\">")
            html.text(
                "About \(Shown.integer(figures.hosts.distinct)) hosts. Figures are kept of \(Shown.integer(hosts.count)): those with the most failures and the most time of fetches. A number with ≥ may lack earlier records."
            )
            html.markup("</p>\n")
        }
        html.markup("<div class=\"halves\">\n<div><h2>Hosts with the most failures</h2>\n")
        writeWorst(hosts)
        html.markup("</div>\n<div><h2>Slowest hosts</h2>\n")
        writeSlowest(hosts)
        html.markup("</div>\n</div>\n</section>\n")
    }

    private mutating func writeWorst(_ hosts: [HostTable.Host]) {
        let worst = hosts.filter { $0.failures > 0 }
            .sorted { ($1.failures, $0.records, $0.name) < ($0.failures, $1.records, $1.name) }.prefix(
                Self.most
            )
        guard let first = worst.first else {
            html.markup("<p class=\"say\">No host has a failure.</p>\n")
            return
        }
        html.markup(
            "<table><thead><tr><th scope=\"col\">host, most frequent class</th><th scope=\"col\" class=\"bar\"></th>"
        )
        html.markup(
            "<th scope=\"col\" class=\"n\">failed</th><th scope=\"col\" class=\"n\">of</th></tr></thead><tbody>\n"
        )
        for host in worst {
            html.markup("<tr><th scope=\"row\" class=\"any\">")
            html.foreign(host.name)
            if let error = host.leadingClass { element("<span class=\"note\">", error.rawValue, "</span>") }
            html.markup("</th>")
            bar(Double(host.failures) / Double(first.failures), "bad")
            let least = host.isPartial ? "≥ " : ""
            cell(least + Shown.integer(host.failures))
            cell(least + Shown.integer(host.records))
            html.markup("</tr>\n")
        }
        html.markup("</tbody></table>\n")
    }

    private mutating func writeSlowest(_ hosts: [HostTable.Host]) {
        let often = hosts.filter { $0.fetches >= Self.fewestFetches }
        let isChoice = often.count >= Self.most
        let slowest = (isChoice ? often : hosts.filter { $0.fetches > 0 })
            .sorted { ($1.mean, $0.name) < ($0.mean, $1.name) }.prefix(Self.most)
        guard let first = slowest.first else {
            html.markup("<p class=\"say\">No fetch has a known time.</p>\n")
            return
        }
        html.markup("<table>")
        if isChoice, often.count < hosts.count {
            element("<caption>", "of the hosts with at least \(Self.fewestFetches) fetches", "</caption>")
        }
        html.markup("<thead><tr><th scope=\"col\">host</th><th scope=\"col\" class=\"bar wide\"></th>")
        html.markup("<th scope=\"col\" class=\"n\">mean</th><th scope=\"col\" class=\"n\">longest</th>")
        html.markup("<th scope=\"col\" class=\"n\">fetches</th></tr></thead><tbody>\n")
        for host in slowest {
            html.markup("<tr><th scope=\"row\" class=\"any\">")
            html.foreign(host.name)
            html.markup("</th>")
            bar(first.mean > 0 ? host.mean / first.mean : 0, "good", isWide: true)
            cell(Shown.milliseconds(host.mean))
            cell(Shown.milliseconds(host.longest))
            cell((host.isPartial ? "≥ " : "") + Shown.integer(host.fetches))
            html.markup("</tr>\n")
        }
        html.markup("</tbody></table>\n")
    }
}
