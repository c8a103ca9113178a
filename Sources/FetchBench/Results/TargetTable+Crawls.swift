// SPDX-License-Identifier: MIT
// fetchpool

/// The targets of crawls, of large bodies, and of workers in Python.
extension Target {
    private typealias Crawler = Bench.Crawler

    private static let own = Crawler.fetchpool([])

    static let tls: [Target] =
        newHosts + [
            rate(
                .tls,
                own.name(Bench.TLSPart.again),
                over: Crawler.go.name(Bench.TLSPart.again),
                atLeast: 0.9
            ),
            Target(
                workload: .tls,
                comparison: "resumed : second connections of \(own.name(Bench.TLSPart.again))",
                bound: .atLeast(0.9)
            ) { $0.resumedShare(own.name(Bench.TLSPart.again), pagesOfEachHost: 3) },
        ]

    private static let newHosts: [Target] = {
        let (name, part) = (own.name(Bench.TLSPart.newHosts), Bench.TLSPart.newHosts)
        let atOnce = Crawler.fetchpool(Bench.manyAtOnce).name(Bench.TLSPart.manyAtOnce)
        return [
            processorTime(
                .tls,
                name,
                over: Crawler.fetchpool(Bench.namedTrustStore).name(part),
                atMost: 1.1
            ),
            rate(.tls, name, over: Crawler.go.name(part), atLeast: 0.8),
            Target(workload: .tls, comparison: "share that succeeds of \(atOnce)", bound: .atLeast(1)) {
                $0.series(.tls, atOnce)?.okShare
            },
        ]
    }()

    static let hosts: [Target] =
        [Bench.HostsPart.many, Bench.HostsPart.more].flatMap { part in
            let name = own.name(part)
            return [
                rate(.hosts, name, over: Crawler.go.name(part), atLeast: 1),
                compare(.hosts, "last tenth : first tenth of \(name)", .atLeast(0.9)) { results in
                    let series = results.series(.hosts, name)
                    return (series?.figure(.lastTenth), series?.figure(.firstTenth))
                },
            ]
        } + [
            Target(
                workload: .hosts,
                comparison: "memory of fetchpool-fetch, \(Bench.HostsPart.more) : \(Bench.HostsPart.many)",
                bound: .atMost(1.2)
            ) { results in
                func peak(_ part: String) -> Int? {
                    results.series(.hosts, own.name(part))?.peakKiB["fetchpool-fetch"]
                }
                guard let more = peak(Bench.HostsPart.more), let many = peak(Bench.HostsPart.many)
                else { return nil }
                return Double(more) / Double(many)
            },
            time(
                .hosts,
                own.name(Bench.HostsPart.dead),
                over: Crawler.go.name(Bench.HostsPart.dead),
                atMost: 1.3
            ),
        ]

    static let h2: [Target] = [
        rate(
            .h2,
            Crawler.fetchpool(Bench.hundredInFlight).name(),
            over: Crawler.go.name(),
            atLeast: 1
        )
    ]

    static let mixed: [Target] = [
        time(
            .mixed,
            Crawler.fetchpool(Bench.mixedOptions + ["--retries", "0"]).name(),
            over: Crawler.go.name(),
            atMost: 1.15
        )
    ]

    static let few: [Target] = [
        time(.few, own.name(), over: Crawler.go.name(), atMost: 1.05),
        processorTime(.few, own.name(), over: Crawler.go.name(), atMost: 1),
    ]

    static let bodies: [Target] = [
        rate(
            .bodies,
            Crawler.fetchpool(Bench.eightInFlight).name(),
            over: Crawler.bare().name(Bench.largeBuffer),
            atLeast: 0.9
        ),
        rate(.bodies, Crawler.fetchpool(Bench.eightInFlight).name(), over: Crawler.go.name(), atLeast: 1),
    ]

    static let python: [Target] =
        [("readme", 2.5), ("words", 2.5), ("links", 1.6)].map { function, bound in
            rate(
                .python,
                "fetchpool, \(function)",
                over: "ProcessPoolExecutor, chunksize 64, \(function)",
                atLeast: bound
            )
        } + [processorTime(.python, Bench.oneWorker, over: Bench.bareFunction, atMost: 1.15)]
}
