// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// Measures fetchpool and what one would use instead, side by side, in turns.
package enum FetchBench {
    /// Measures what `settings` say, prints the tables as they come, and writes the files.
    ///
    /// - Returns: whether everything could be measured; a target that is missed is no failure.
    /// - Throws: `BenchError`, or an error of Foundation's, if nothing can be measured.
    package static func run(_ settings: BenchSettings) throws -> Bool {
        Interruption.listen()
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let server = settings.programFolder + "/fixture-server"
        let delayed = try FixtureServer(program: server, latencyMilliseconds: 17)
        defer { delayed.end() }
        let instant = try FixtureServer(program: server, latencyMilliseconds: 0)
        defer { instant.end() }
        let web = try WebServer(instant, folder: folder)
        defer { web.end() }
        let bench = Bench(
            folder: folder,
            server: web,
            delayed: delayed,
            instant: instant,
            programFolder: settings.programFolder,
            peers: settings.peers.map(PeerFolder.init),
            scale: settings.scale,
            cores: ProcessInfo.processInfo.activeProcessorCount
        )
        var results = BenchResults(
            machine: Machine.this(server: web.name, peers: bench.peers, in: folder.path)
        )
        results.rounds = settings.rounds
        say(results.machine.text)
        for workload in settings.workloads.isEmpty ? Workload.allCases : settings.workloads {
            let series = try Turns(bench: bench, rounds: settings.rounds).measure(bench.contenders(workload))
            results.series += series
            say("\n" + TextReport.table(workload, series))
        }
        let verdicts = Target.all.compactMap { $0.verdict(in: results) }
        if !verdicts.isEmpty { say("\n" + TextReport.table(verdicts)) }
        if let file = settings.jsonFile { try results.json(verdicts).write(to: URL(fileURLWithPath: file)) }
        return results.series.allSatisfy { $0.failure == nil }
    }

    /// Prints a text at once, on a pipe as on a terminal.
    private static func say(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
