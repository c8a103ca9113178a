// SPDX-License-Identifier: MIT
// fetchpool

/// Functions that compute figures from several measurements; they return nil if a measurement is missing.
extension BenchResults {
    /// Returns the time per additional task in the run `Bench.growthName(count)`, in seconds.
    ///
    /// With a scale other than 1, the number of tasks differs from the number in the name. The time of the
    /// run with one task is subtracted, and the rest is divided by the actual number of further tasks.
    func secondsOfGrowth(_ count: Int) -> Double? {
        guard let one = series(.growth, Bench.growthName(1))?.seconds?.median,
            let many = series(.growth, Bench.growthName(count)), let seconds = many.seconds?.median,
            let items = many.measurements.first?.items, items > 1
        else { return nil }
        return max(seconds - one, 0) / Double(items - 1)
    }

    /// Returns the peak memory of any single process that runs `program`, over all runs of the workload, in
    /// MB.
    func peakMegabytes(_ workload: Workload, _ program: String) -> Double? {
        series.filter { $0.workload == workload }.compactMap { $0.peakKiB[program] }.max()
            .map { Double($0) * 1_024 / 1_000_000 }
    }

    /// Returns the share of the time of all cores that a contender used, from 0 to 1.
    func coreShare(_ workload: Workload, _ contender: String) -> Double? {
        guard let series = series(workload, contender) else { return nil }
        return Spread(series.measurements.map { $0.cpuSeconds / $0.seconds / Double(machine.cores) })?.median
    }

    /// Returns the time of a contender for the burn workload, divided by the ideal time on all cores.
    func overIdeal(_ contender: String) -> Double? {
        guard let series = series(.burn, contender) else { return nil }
        return Spread(
            series.measurements.map { $0.seconds / (Bench.burnSeconds($0.items) / Double(machine.cores)) }
        )?.median
    }

    /// Returns the share of TLS connections that resumed a session.
    ///
    /// The first connection to each host cannot resume a session, so it does not count. The share is 1 if
    /// there are no later connections.
    func resumedShare(_ contender: String, pagesOfEachHost: Int) -> Double? {
        guard let series = series(.tls, contender), let items = series.measurements.first?.items,
            let connections = series.figure(.connections)?.median,
            let resumed = series.figure(.resumed)?.median
        else { return nil }
        let second = connections - Double(items / pagesOfEachHost)
        return second < 1 ? 1 : resumed / second
    }
}
