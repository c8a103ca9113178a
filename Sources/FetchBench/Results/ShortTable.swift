// SPDX-License-Identifier: MIT
// fetchpool

/// Makes the table of a few ratios for the README.
enum ShortTable {
    /// One comparison of fetchpool with an alternative.
    private struct Row {
        let title: String
        let workload: Workload
        let own: String
        let other: String

        init(_ title: String, _ workload: Workload, _ own: String, _ other: String) {
            (self.title, self.workload, self.own, self.other) = (title, workload, own, other)
        }
    }

    /// The comparisons; HTTPS with many hosts comes first, because most crawls are of this kind.
    private static let rows = [
        Row("HTTPS, new hosts", .tls, "fetchpool, new hosts", "Go net/http, new hosts"),
        Row(
            "HTTPS, 1,000 hosts, 3 pages each",
            .tls,
            "fetchpool, 1,000 hosts x 3",
            "Go net/http, 1,000 hosts x 3"
        ),
        Row("100,000 hosts", .hosts, "fetchpool, 100,000 hosts", "Go net/http, 100,000 hosts"),
        Row("HTTP/2, one host", .h2, "fetchpool -w 1 -c 100 --per-host 0", "Go net/http"),
        Row("small answers", .small, "fetchpool", "Go net/http"),
        Row("small answers", .small, "fetchpool", "curl --parallel"),
        Row("small answers", .small, "fetchpool", "aiohttp"),
        Row("web pages, links", .pages, "fetchpool, links", "processes + lxml, links"),
        Row("web pages, text", .pages, "fetchpool, text", "processes + selectolax, text"),
        Row("1 % of pages crash", .crashes, "fetchpool, 1 % crash", "pebble, 1 % crash"),
    ]

    /// The workload and the two contenders of each comparison, for tests.
    static var contenders: [(Workload, String, String)] { rows.map { ($0.workload, $0.own, $0.other) } }

    /// Returns the table as Markdown; a comparison is left out if one of its sides was not measured.
    static func text(_ results: BenchResults) -> String {
        let cells = rows.compactMap { row -> [String]? in
            guard let own = results.series(row.workload, row.own)?.rate,
                let other = results.series(row.workload, row.other)?.rate
            else { return nil }
            // The name is cut at its first comma, because the title says what follows the comma.
            let name = row.other.split(separator: ",")[0]
            return [
                row.title, Figure.short(own.median), "\(name) \(Figure.short(other.median))",
                Figure.short(own.median / other.median),
            ]
        }
        return MarkdownReport.rows(
            ["per second", "fetchpool", "instead", "ratio"],
            alignment: "---|---:|---|---:",
            cells
        ) + "\n"
    }
}
