// SPDX-License-Identifier: MIT
// fetchpool

/// Functions that compute figures; they return nil if the measurements do not suffice.
extension BenchResults {
    /// Returns the mean time of a task in the run `Bench.growthName(count)`, in seconds.
    ///
    /// The time of the run with one task is subtracted, and the mean is over all tasks but one. With a scale
    /// other than 1, the number of tasks differs from `count`.
    func secondsOfGrowth(_ count: Int) -> Double? {
        guard let one = series(.growth, Bench.growthName(1))?.seconds?.median,
            let many = series(.growth, Bench.growthName(count)), let seconds = many.seconds?.median,
            let items = many.measurements.first?.items, items > 1
        else { return nil }
        return max(seconds - one, 0) / Double(items - 1)
    }

    /// Returns the largest peak memory of a process of `program` in the workload, in MB.
    func peakMegabytes(_ workload: Workload, _ program: String) -> Double? {
        series.filter { $0.workload == workload }.compactMap { $0.peakKiB[program] }.max()
            .map { Double($0) * 1_024 / 1_000_000 }
    }

    /// Returns the share of all cores' time that a contender used, from 0 to 1.
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
    /// The first connection to each host does not count, because no session exists yet. The share is 1 if
    /// there are no other connections.
    func resumedShare(_ contender: String, pagesOfEachHost: Int) -> Double? {
        guard let series = series(.tls, contender), let items = series.measurements.first?.items,
            let connections = series.figure(.connections)?.median,
            let resumed = series.figure(.resumed)?.median
        else { return nil }
        let second = connections - Double(items / pagesOfEachHost)
        return second < 1 ? 1 : resumed / second
    }
}
