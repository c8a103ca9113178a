// SPDX-License-Identifier: MIT
// fetchpool

/// Figures computed from several measurements.
extension BenchResults {
    /// Returns the seconds per task of the growth workload with `count` tasks, without the time of a run with
    /// one task.
    func secondsOfGrowth(_ count: Int) -> Double? {
        guard let one = series(.growth, Bench.growthName(1))?.seconds?.median,
            let many = series(.growth, Bench.growthName(count)), let seconds = many.seconds?.median,
            let items = many.measurements.first?.items, items > 1
        else { return nil }
        return max(seconds - one, 0) / Double(items - 1)
    }

    /// Returns the largest memory of a process of a program in any run of a workload, in MB.
    func peakMegabytes(_ workload: Workload, _ program: String) -> Double? {
        series.filter { $0.workload == workload }.compactMap { $0.peakKiB[program] }.max()
            .map { Double($0) * 1_024 / 1_000_000 }
    }

    /// Returns the share of the cores' time that a contender used; 1 is all of it.
    func coreShare(_ workload: Workload, _ contender: String) -> Double? {
        guard let series = series(workload, contender) else { return nil }
        return Spread(series.measurements.map { $0.cpuSeconds / $0.seconds / Double(machine.cores) })?.median
    }

    /// Returns the time of the burn workload, divided by the ideal time on all cores.
    func overIdeal(_ contender: String) -> Double? {
        guard let series = series(.burn, contender) else { return nil }
        return Spread(
            series.measurements.map { $0.seconds / (Bench.burnSeconds($0.items) / Double(machine.cores)) }
        )?.median
    }

    /// Returns the share of resumed sessions among the TLS connections after the first of each host; 1 if
    /// there are none.
    func resumedShare(_ contender: String, pagesOfEachHost: Int) -> Double? {
        guard let series = series(.tls, contender), let items = series.measurements.first?.items,
            let connections = series.figure(.connections)?.median,
            let resumed = series.figure(.resumed)?.median
        else { return nil }
        let second = connections - Double(items / pagesOfEachHost)
        return second < 1 ? 1 : resumed / second
    }
}
