// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import Foundation
import LoopbackFixture
import Platform

/// The first part of the demo: several ways to send 500 requests to a server that takes 17 ms for each
/// response.
struct ThroughputDemo {
    let server: FixtureServer
    let folder: TemporaryFolder
    let programFolder: String

    private static let requests = 500

    /// A row of the table: a way to send the requests.
    ///
    /// `concurrency` is the number of requests in flight in each worker. If `workers` is `nil`, there is one
    /// worker for each usable core.
    private struct Way {
        let name: String
        let workers: Int?
        let concurrency: Int
    }

    private static let ways = [
        Way(name: "one process, one request (ProcessPoolExecutor, 1)", workers: 1, concurrency: 1),
        Way(name: "5 processes, one request each", workers: 5, concurrency: 1),
        Way(name: "10 processes, one request each", workers: 10, concurrency: 1),
        Way(name: "20 processes, one request each", workers: 20, concurrency: 1),
        Way(name: "one process, 500 in flight (asyncio's way)", workers: 1, concurrency: 500),
        Way(name: "all cores, many in flight (fetchpool's way)", workers: nil, concurrency: 250),
    ]

    /// Runs all ways and prints the table; returns true if all runs with a pool succeed.
    ///
    /// The caller must have called `FetchRun.catchSignals(waking: wake)`.
    ///
    /// - Throws: `DemoEnd` after a signal, or if standard output cannot be written; `FixtureError` if a
    ///   request without a pool fails; an error of Foundation if a file or a program cannot be used.
    func run(_ wake: WakePipe) throws -> Bool {
        try say("\(Self.requests) requests to \(server.address), which takes 17 ms for each response:\n")
        try say(Self.row("way", "workers x in flight", "seconds", "requests/s", "speed"))
        let urls = (1...Self.requests).map { "\(server.address)/get?\($0)" }
        let list = try folder.write(urls, to: "urls")
        let base = try oneAtATime(list, wake)
        try show("one at a time, no pool", "1 x 1", base, base)
        var isGood = true
        for (number, way) in Self.ways.enumerated() {
            var settings = RunSettings()
            (settings.inputs, settings.output) = ([list], folder.path + "/records-\(number)")
            (settings.workers, settings.fetch.concurrency) = (way.workers, way.concurrency)
            // A limit per host would lower the number of requests in flight.
            settings.perHost = 0
            (settings.isQuiet, settings.progress, settings.programFolder) = (true, .off, programFolder)
            let result = FetchRun.run(settings)
            if let end = DemoEnd.bySignal { throw end }
            let workers = way.workers.map(String.init) ?? "all"
            try show(way.name, "\(workers) x \(way.concurrency)", result.seconds, base)
            isGood = isGood && result.exitStatus == 0 && result.outcomes[.ok] == Self.requests
        }
        try say(
            isGood
                ? "\nEach way gave \(Self.requests) records, all of them ok.\n" : "\nSome requests failed.\n"
        )
        return isGood
    }

    /// Runs `fetchpool-fetch` alone with one request at a time, and returns the seconds taken.
    private func oneAtATime(_ list: String, _ wake: WakePipe) throws -> Double {
        let output = try folder.write(Data(), to: "records")
        let filter = Process()
        filter.executableURL = URL(fileURLWithPath: programFolder + "/fetchpool-fetch")
        filter.arguments = ["--concurrency", "1"]
        filter.standardInput = FileHandle(forReadingAtPath: list)
        filter.standardOutput = FileHandle(forWritingAtPath: output)
        filter.terminationHandler = { _ in wake.wake() }
        let start = ContinuousClock().now
        try filter.run()
        while filter.isRunning {
            wake.wait(milliseconds: 100)
            guard let end = DemoEnd.bySignal else { continue }
            filter.terminate()
            throw end
        }
        let seconds = (ContinuousClock().now - start) / .seconds(1)
        let records = try Data(contentsOf: URL(fileURLWithPath: output))
        let lines = records.split(separator: 0x0A)
        let count = lines.count { $0.firstRange(of: Data(#""outcome":"ok""#.utf8)) != nil }
        guard count == Self.requests else {
            throw FixtureError(
                "fetchpool-fetch gave \(count) records that are ok for \(Self.requests) requests"
            )
        }
        return seconds
    }

    private func show(
        _ name: String,
        _ shape: String,
        _ seconds: Double,
        _ base: Double
    ) throws(DemoEnd) {
        let rate = String(format: "%.0f", Double(Self.requests) / seconds)
        try say(
            Self.row(
                name,
                shape,
                String(format: "%.2f", seconds),
                rate,
                String(format: "%.1fx", base / seconds)
            )
        )
    }

    private static func row(
        _ name: String,
        _ shape: String,
        _ seconds: String,
        _ rate: String,
        _ speed: String
    ) -> String {
        func left(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return "  " + left(name, 52) + left(shape, 20) + right(seconds, 8) + right(rate, 12) + right(speed, 8)
    }
}
