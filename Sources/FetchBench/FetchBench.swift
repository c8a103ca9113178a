// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import LoopbackFixture

/// A benchmark that measures fetchpool and its alternatives on one machine, in turns (`Turns`).
package enum FetchBench {
    /// Measures, prints each table when it is ready, and writes the files that `settings` name.
    ///
    /// With `onlyCounts`, or with `renewsBaseline` and a baseline file, the workloads are not measured, and
    /// the result is true.
    ///
    /// - Returns: True if no program failed and the checks of a quick run passed. A missed target is no
    ///   failure. If `settings` names no workloads, a workload that cannot be measured is no failure either.
    /// - Throws: `BenchError`, `FixtureError` or an error of Foundation, if the benchmark cannot continue or
    ///   is interrupted.
    package static func run(_ settings: BenchSettings) throws -> Bool {
        if settings.onlyCounts {
            say(try CompositionReport.text(corpus: settings.corpus))
            return true
        }
        Interruption.listen()
        // These variables would slow down the programs in Python.
        for name in ["PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"] { unsafe unsetenv(name) }
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let check = settings.baselineFile.map { file in
            let program = settings.programFolder + "/bench-paths"
            return InstructionCheck(
                count: InstructionCount(program: program, folder: folder.path),
                file: file
            )
        }
        if settings.renewsBaseline, let check {
            say(try check.renew())
            return true
        }
        var isGood = try measure(settings, in: folder)
        guard settings.isQuick else { return isGood }
        var checks = [try WideCheck(programFolder: settings.programFolder, folder: folder).run()]
        if let check { checks.append(try check.run()) }
        for (text, isHeld) in checks {
            say("\n" + text)
            isGood = isGood && isHeld
        }
        return isGood
    }

    /// Starts the servers, measures, and reports.
    private static func measure(_ settings: BenchSettings, in folder: TemporaryFolder) throws -> Bool {
        let server = settings.programFolder + "/fixture-server"
        let delayed = try FixtureServer(program: server, latencyMilliseconds: 17)
        defer { delayed.end() }
        let pages = try PageFolder(in: folder, corpus: settings.corpus)
        let instant = try FixtureServer(program: server, arguments: ["--files", pages.path])
        defer { instant.end() }
        let web = try WebServer(instant, pages: pages, folder: folder)
        defer { web.end() }
        var bench = Bench(
            folder: folder,
            server: web,
            delayed: delayed,
            instant: instant,
            programFolder: settings.programFolder,
            peers: settings.peers.map(PeerFolder.init),
            scale: settings.scale,
            cores: ProcessInfo.processInfo.activeProcessorCount
        )
        let machine = Machine.this(server: web.name, peers: bench.peers, in: folder.path)
        var results = BenchResults(machine: machine, rounds: settings.rounds, pages: pages.text)
        say(machine.text + "\n" + pages.text)
        defer { bench.crawl?.end() }
        for workload in settings.workloads.isEmpty ? Workload.allCases : settings.workloads {
            let contenders: [Contender]
            do {
                contenders = try bench.contenders(workload)
            } catch {
                // Workloads that were requested by name, or that `--quick` chooses, must be measured.
                guard settings.workloads.isEmpty else { throw error }
                say("\n\(workload.rawValue): not measured; \(error)")
                continue
            }
            let series = try Turns(bench: bench, rounds: settings.rounds).measure(contenders)
            results.series += series
            say("\n" + TextReport.table(workload, series))
        }
        try report(results, settings)
        return results.series.allSatisfy { $0.failure == nil }
    }

    private static func report(_ results: BenchResults, _ settings: BenchSettings) throws {
        let verdicts = Target.all.compactMap { $0.verdict(in: results) }
        if !verdicts.isEmpty { say("\n" + TextReport.table(verdicts)) }
        if let file = settings.jsonFile { try results.json(verdicts).write(to: URL(fileURLWithPath: file)) }
        if let file = settings.markdownFile {
            let text = MarkdownReport.text(results, verdicts)
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        }
        if let file = settings.shortMarkdownFile {
            try Data(ShortTable.text(results).utf8).write(to: URL(fileURLWithPath: file))
        }
    }

    /// Prints a text without buffering, even to a pipe.
    private static func say(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
