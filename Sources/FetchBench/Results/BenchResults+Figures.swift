// SPDX-License-Identifier: MIT
// fetchpool

/// What follows from several measurements.
extension BenchResults {
    /// Seconds of one task of the growth workload among `count`, without what a run of one task takes.
    func secondsOfGrowth(_ count: Int) -> Double? {
        guard let one = series(.growth, Bench.growthName(1))?.seconds?.median,
            let many = series(.growth, Bench.growthName(count)), let seconds = many.seconds?.median,
            let items = many.measurements.first?.items, items > 1
        else { return nil }
        return max(seconds - one, 0) / Double(items - 1)
    }

    /// The most memory that a process of a program held in any run of a workload, in MB.
    func peakMegabytes(_ workload: Workload, _ program: String) -> Double? {
        series.filter { $0.workload == workload }.compactMap { $0.peakKiB[program] }.max()
            .map { Double($0) * 1_024 / 1_000_000 }
    }

    /// How much of the cores' time a contender used: 1 is all of it.
    func coreShare(_ workload: Workload, _ contender: String) -> Double? {
        guard let series = series(workload, contender) else { return nil }
        return Spread(series.measurements.map { $0.cpuSeconds / $0.seconds / Double(machine.cores) })?.median
    }

    /// The time of the burn workload over what its computing takes on all cores.
    func overIdeal(_ contender: String) -> Double? {
        guard let series = series(.burn, contender) else { return nil }
        return Spread(
            series.measurements.map { $0.seconds / (Bench.burnSeconds($0.items) / Double(machine.cores)) }
        )?.median
    }

    /// The share of connections over TLS beyond the first of each host that resumed a session; 1 where there are none.
    func resumedShare(_ contender: String, pagesOfEachHost: Int) -> Double? {
        guard let series = series(.tls, contender), let items = series.measurements.first?.items,
            let connections = series.figure(.connections)?.median,
            let resumed = series.figure(.resumed)?.median
        else { return nil }
        let second = connections - Double(items / pagesOfEachHost)
        return second < 1 ? 1 : resumed / second
    }
}
