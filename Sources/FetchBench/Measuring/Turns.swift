// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import LoopbackFixture

/// Runs programs in turns, A B A B, so that changes of the machine affect all programs alike.
struct Turns {
    let bench: Bench
    let rounds: Int

    /// Runs the contenders round by round; returns their series.
    ///
    /// - Throws: `BenchError`, `FixtureError` or an error of Foundation, if this program is interrupted.
    func measure(_ contenders: [Contender]) throws -> [Series] {
        var series = contenders.map {
            Series(workload: $0.workload, contender: $0.name, isPeer: $0.isPeer)
        }
        for round in 0..<rounds {
            for (index, contender) in contenders.enumerated()
            where series[index].failure == nil && round < contender.mostRounds {
                do {
                    for _ in 0..<contender.repetitions {
                        series[index].measurements.append(try measure(contender))
                    }
                } catch {
                    if Interruption.isAsked { throw error }
                    series[index].failure = "\(error)"
                }
            }
        }
        return series
    }

    private func measure(_ contender: Contender) throws -> Measurement {
        let folder = bench.folder.path
        // Without this step, records would be appended to old ones, and an old summary could be read.
        for name in ["records", "summary"] {
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
        let server = contender.timedBy.map { $0 == .delayed ? bench.delayed : bench.instant }
        try server?.resetStatistics()
        try bench.crawl?.forgetConnections()
        let crawl = contender.isInNetwork ? bench.crawl : nil
        let command = crawl?.inside(contender.command) ?? contender.command
        let run = try ProgramRun.run(command, in: folder)
        var measurement = try contender.result.measurement(of: run, folder: folder)
        try check(measurement, run, contender)
        if let connections = crawl?.connections() { measurement.addConnections(connections) }
        measurement.addMegabytes(meanSize: bench.server.pages.meanSize)
        measurement.keepFigures(contender.figures)
        if let server {
            guard let last = run.lastOutput else { throw BenchError("\(contender.name) gave no records") }
            measurement.seconds = last - (try server.firstArrival())
        }
        return measurement
    }

    /// Throws an error if the wrong number of tasks succeeded, or if a timed output does not have one line
    /// per task.
    private func check(_ measurement: Measurement, _ run: ProgramRun, _ contender: Contender) throws {
        let lines = run.arrivals.last?.lines ?? 0
        if contender.command.isOutputTimed, lines != measurement.items {
            throw BenchError("\(lines) lines of output for \(measurement.items) records")
        }
        guard let expected = contender.expectedOK, expected != measurement.ok else { return }
        throw BenchError("\(measurement.ok) of \(measurement.items) tasks succeeded; \(expected) should")
    }
}
