// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// Runs programs in turns, A B A B, so that whatever changes on the machine meanwhile meets all of them.
struct Turns {
    let bench: Bench
    let rounds: Int

    /// Runs all of them in each round; one that fails is left out of the rest.
    ///
    /// - Throws: `BenchError` if this program is interrupted.
    func measure(_ contenders: [Contender]) throws -> [Series] {
        var series = contenders.map {
            Series(workload: $0.workload, contender: $0.name, isPeer: $0.isPeer)
        }
        for _ in 0..<rounds {
            for (index, contender) in contenders.enumerated() where series[index].failure == nil {
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
        // Records would be appended, and a summary of the run before be believed.
        for name in ["records", "summary"] {
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
        let server = contender.timedBy.map { $0 == .delayed ? bench.delayed : bench.instant }
        try server?.resetStatistics()
        let run = try ProgramRun.run(contender.command, in: folder)
        var measurement = try contender.result.measurement(of: run, folder: folder)
        if let server {
            guard let last = run.lastOutput else { throw BenchError("\(contender.name) gave no records") }
            measurement.seconds = last - (try server.firstArrival())
        }
        return measurement
    }
}
