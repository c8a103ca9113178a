// SPDX-License-Identifier: MIT
// fetchpool

@testable import FetchBench

extension BenchResults {
    /// Makes results of a machine with two cores.
    static func sample(_ series: Series...) -> BenchResults {
        var machine = Machine()
        (machine.date, machine.processor, machine.cores) = ("2026-01-31", "Some Processor", 2)
        (machine.kernel, machine.server) = ("Linux 6.1", "nginx")
        machine.versions = ["swift": "6.3.1", "curl": "7.88.1"]
        var results = BenchResults(machine: machine)
        results.series = series
        return results
    }
}

extension Series {
    /// Makes a series of runs with `items` tasks.
    ///
    /// In each run one task fails, and the CPU time is half of the run's time.
    static func sample(
        _ workload: Workload,
        _ name: String,
        items: Int = 1_000,
        seconds: [Double],
        peakKiB: [String: Int] = [:]
    ) -> Series {
        var series = Series(workload: workload, contender: name, isPeer: false)
        series.measurements = seconds.map {
            Measurement(items: items, ok: items - 1, seconds: $0, cpuSeconds: $0 / 2, peakKiB: peakKiB)
        }
        return series
    }
}
