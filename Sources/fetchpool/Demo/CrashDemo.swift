// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import Foundation
import LoopbackFixture

/// The second part of the demo: a parser crashes on some pages, and only the results of these pages are lost.
struct CrashDemo {
    let server: FixtureServer
    let folder: TemporaryFolder
    let programFolder: String

    private static let pages = 300
    private static let crashing = Set([40, 80, 120, 160, 200, 240])

    /// Fetches the pages, lets the parser crash, and reports the lost pages.
    ///
    /// Returns true if exactly the crashing pages are lost, all other pages are ok, and each page was
    /// requested once.
    ///
    /// - Throws: `DemoEnd` after a signal, or if standard output cannot be written; the errors of
    ///   `FixtureServer.statistics`; an error of Foundation if a file cannot be written or read;
    ///   `DecodingError` if a record cannot be decoded.
    func run() throws -> Bool {
        let urls = (1...Self.pages).map { number in
            Self.crashing.contains(number)
                ? "\(server.address)/task/crash/\(number)" : "\(server.address)/page/\(number)"
        }
        try say("\(Self.pages) pages of 50 KB for a parser that crashes on \(Self.crashing.count) of them:\n")
        let output = folder.path + "/crashes"
        var settings = RunSettings()
        (settings.inputs, settings.output) = ([try folder.write(urls, to: "pages")], output)
        // There is no limit per host, because the server belongs to the demo.
        settings.perHost = 0
        settings.processing = .command([programFolder + "/fixture-processor", "--supervised"])
        (settings.isQuiet, settings.progress, settings.programFolder) = (true, .off, programFolder)
        try server.resetStatistics()
        let result = FetchRun.run(settings)
        if let end = DemoEnd.bySignal { throw end }
        let statistics = try server.statistics()
        let lost = try crashedTasks(output)
        try say("  records          \(result.records)")
        try say("  ok               \(result.outcomes[.ok] ?? 0)")
        try say("  worker_crash     \(result.outcomes[.workerCrash] ?? 0), for the pages \(lost.sorted())")
        try say("  requests served  \(statistics.requests), of them repeated: \(statistics.repeated)")
        let isGood =
            lost == Self.crashing && result.outcomes[.ok] == Self.pages - Self.crashing.count
            && statistics.requests == Self.pages && statistics.repeated == 0
        try say(
            isGood
                ? "\nOnly the results of the pages that crash the parser were lost, and no request was made twice."
                : "\nThe records or the requests are not as expected."
        )
        return isGood
    }

    private func crashedTasks(_ output: String) throws -> Set<Int> {
        struct Record: Decodable {
            let id: Int
            let outcome: String
        }
        let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        let records = try lines.map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
        return Set(records.filter { $0.outcome == Outcome.workerCrash.rawValue }.map(\.id))
    }
}
