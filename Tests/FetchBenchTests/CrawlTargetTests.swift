// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchBench

/// Tests the additional figures of crawls, and the targets of crawls.
struct CrawlTargetTests {
    private func find(_ comparison: String, _ series: Series...) -> Verdict? {
        var results = BenchResults.sample()
        results.series = series
        return Target.all.compactMap { $0.verdict(in: results) }.first { $0.comparison == comparison }
    }

    private func crawl(
        _ workload: Workload,
        _ name: String,
        items: Int,
        _ figures: [FigureName: Double]
    ) -> Series {
        var series = Series.sample(workload, name, items: items, seconds: [1])
        let named = figures.map { ($0.key.rawValue, $0.value) }
        series.measurements[0].figures = Dictionary(uniqueKeysWithValues: named)
        return series
    }

    @Test func tenthsAreComputedFromTheArrivedLines() {
        var measurement = Measurement(items: 100, ok: 100, seconds: 3, cpuSeconds: 1)
        measurement.addTenths(from: 10, [(10.5, 5), (11, 10), (12, 90), (12.5, 99), (14, 100)])
        #expect(measurement.figures == ["first_tenth_per_second": 10, "last_tenth_per_second": 5])
    }

    @Test func onlyTheNamedFiguresAreKept() {
        var measurement = Measurement(items: 100, ok: 100, seconds: 3, cpuSeconds: 1)
        measurement.addTenths(first: 1, last: 2)
        measurement.addConnections((7, 3))
        measurement.keepFigures([.resumed])
        #expect(measurement.figures == ["tls_connections_resumed": 3])
        measurement.keepFigures([])
        #expect(measurement.figures == nil)
    }

    @Test(arguments: [
        // The connections, the resumed connections, the ratio, and true if the target is held.
        (1_000.0, 0.0, 1.0, true), (1_100, 95, 0.95, true), (1_100, 80, 0.8, false), (990, 0, 1, true),
    ])
    func resumptionIgnoresTheFirstConnectionOfEachHost(
        _ connections: Double,
        _ resumed: Double,
        _ ratio: Double,
        _ isHeld: Bool
    ) throws {
        let verdict = try #require(
            find(
                "resumed : second connections of fetchpool, 1,000 hosts x 3",
                crawl(
                    .tls,
                    "fetchpool, 1,000 hosts x 3",
                    items: 3_000,
                    [.connections: connections, .resumed: resumed]
                )
            )
        )
        #expect(abs(verdict.ratio - ratio) < 0.001)
        #expect(verdict.isHeld == isHeld)
    }

    @Test func rateOfTheLastTenthIsComparedWithThatOfTheFirst() throws {
        let verdict = try #require(
            find(
                "last tenth : first tenth of fetchpool, 20,000 hosts",
                crawl(
                    .hosts,
                    "fetchpool, 20,000 hosts",
                    items: 20_000,
                    [.firstTenth: 1_000, .lastTenth: 800]
                )
            )
        )
        #expect(verdict.ratio == 0.8)
        #expect(!verdict.isHeld)
    }

    @Test func processorTimeOfNewHostsIsComparedWithThatOfARunWithCacert() throws {
        let verdict = try #require(
            find(
                "processor time of fetchpool, new hosts : "
                    + "fetchpool --cacert /etc/ssl/certs/ca-certificates.crt, new hosts",
                .sample(.tls, "fetchpool, new hosts", seconds: [2]),
                .sample(
                    .tls,
                    "fetchpool --cacert /etc/ssl/certs/ca-certificates.crt, new hosts",
                    seconds: [1]
                )
            )
        )
        #expect(verdict.ratio == 2)
        #expect(verdict.boundText == "at most 1.1")
    }

    @Test func figuresAreShownBelowTheTable() {
        let series = crawl(.hosts, "fetchpool", items: 100, [.firstTenth: 1_000, .lastTenth: 900])
        let table = TextReport.table(.hosts, [series])
        #expect(table.hasSuffix("\n  fetchpool: first tenth, per second: 1,000, last tenth: 900"))
    }
}
