// SPDX-License-Identifier: MIT
// fetchpool

/// The targets of the pages workload.
extension Target {
    static let pages: [Target] =
        Bench.pageFunctions.flatMap { function in
            let own = "fetchpool, \(function)"
            return comparisons(own, "processes + lxml, \(function)", 4)
                + comparisons(own, "processes + selectolax, \(function)", 2.5)
                + [
                    Target(
                        workload: .pages,
                        comparison: "processor time of 149 KB, \(function) : 1.8 ms",
                        bound: .atMost(1)
                    ) { results in
                        megabytes(own, results).map { 149_000 / ($0 * 1_000) / 1.8 }
                    }
                ]
        }
        + [("links", 150.0), ("text", 100)].map { function, least in
            Target(
                workload: .pages,
                comparison: "MB a second of \(Bench.processorAlone(function))",
                bound: .atLeast(least)
            ) { results in megabytes(Bench.processorAlone(function), results) }
        }

    /// Makes two targets with the bound `factor`: one for the rates, and one for the processor times.
    private static func comparisons(_ own: String, _ peer: String, _ factor: Double) -> [Target] {
        [
            rate(.pages, own, over: peer, atLeast: factor),
            compare(.pages, "processor time of \(peer) : \(own)", .atLeast(factor)) { results in
                (
                    results.series(.pages, peer)?.cpuMilliseconds,
                    results.series(.pages, own)?.cpuMilliseconds
                )
            },
        ]
    }

    private static func megabytes(_ contender: String, _ results: BenchResults) -> Double? {
        results.series(.pages, contender)?.figure(.megabytes)?.median
    }
}
