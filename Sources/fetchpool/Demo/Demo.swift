// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import Foundation
import LoopbackFixture
import OptionTable
import Platform
import PoolWorker

/// The command `fetchpool demo`, which measures several ways to fetch from a loopback server, and lets a
/// parser crash.
enum Demo {
    /// The options of the command: none besides `--help` and `--version`.
    struct Options: Sendable {}

    static let table = OptionTable<Options>(
        "fetchpool demo",
        version: ProductVersion.text,
        summary:
            "Fetches 500 URLs from a loopback server in seven ways, then lets a parser crash. Takes under a minute."
    )

    /// Runs the demo and returns the exit status.
    ///
    /// The status is 1 if a part failed, 2 for a usage error, 3 if the output cannot be written, 141 if its
    /// reader is gone, 128 + N after the signal N, and 0 otherwise.
    static func main(_ words: [String], programFolder: String) -> Int32 {
        do throws(UsageError) {
            if case .print(let text) = try table.parse(words, defaults: Options()) {
                return PrintedText.print(text, program: "fetchpool demo")
            }
        } catch {
            FileHandle.standardError.write(Data("fetchpool demo: \(error.description)\n".utf8))
            return 2
        }
        // Without handlers, a signal would leave the temporary folder behind.
        let wake = WakePipe()
        FetchRun.catchSignals(waking: wake)
        do {
            return try run(programFolder, wake) ? 0 : 1
        } catch let end as DemoEnd {
            return end.status
        } catch {
            // The error can come from a signal: a signal to the process group also ends the server.
            if let end = DemoEnd.bySignal { return end.status }
            FileHandle.standardError.write(Data("fetchpool demo: \(error)\n".utf8))
            return 1
        }
    }

    /// Runs both parts, and returns true if they succeed.
    private static func run(_ programFolder: String, _ wake: WakePipe) throws -> Bool {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let server = try FixtureServer(program: programFolder + "/fixture-server", latencyMilliseconds: 17)
        defer { server.end() }
        let isFast = try ThroughputDemo(server: server, folder: folder, programFolder: programFolder)
            .run(wake)
        let isSafe = try CrashDemo(server: server, folder: folder, programFolder: programFolder).run()
        return isFast && isSafe
    }
}

/// The early end of the demo, after a signal or because the output cannot be written.
struct DemoEnd: Error {
    /// The exit status of the demo.
    let status: Int32

    /// The end by SIGINT, SIGTERM or SIGHUP; `nil` if none of them has come.
    static var bySignal: DemoEnd? { FetchRun.statusAfterSignal.map { DemoEnd(status: $0) } }
}

/// Prints a line immediately.
///
/// - Throws: `DemoEnd` if the line cannot be written.
func say(_ line: String) throws(DemoEnd) {
    let status = PrintedText.print(line, program: "fetchpool demo")
    guard status == 0 else { throw DemoEnd(status: status) }
}
