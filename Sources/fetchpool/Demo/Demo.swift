// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import Foundation
import Glibc
import LoopbackFixture
import OptionTable

/// The command `fetchpool demo`, which measures several ways to fetch from a loopback server, and lets a
/// parser crash.
enum Demo {
    /// The command has no options besides help and version.
    struct Options: Sendable {}

    static let table = OptionTable<Options>(
        "fetchpool demo",
        version: ProductVersion.text,
        summary:
            "Fetches 500 URLs from a loopback server in seven ways, then lets a parser crash. Takes under a minute."
    )

    /// Runs the demo and returns the exit status: 1 if a part failed, 2 for a usage error, 0 otherwise.
    static func main(_ words: [String], programFolder: String) -> Int32 {
        do throws(UsageError) {
            if case .print(let text) = try table.parse(words, defaults: Options()) {
                say(text)
                return 0
            }
        } catch {
            FileHandle.standardError.write(Data("fetchpool demo: \(error.description)\n".utf8))
            return 2
        }
        do {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let server = try FixtureServer(
                program: programFolder + "/fixture-server",
                latencyMilliseconds: 17
            )
            defer { server.end() }
            let isFast = try ThroughputDemo(server: server, folder: folder, programFolder: programFolder)
                .run()
            let isSafe = try CrashDemo(server: server, folder: folder, programFolder: programFolder).run()
            return isFast && isSafe ? 0 : 1
        } catch {
            FileHandle.standardError.write(Data("fetchpool demo: \(error)\n".utf8))
            return 1
        }
    }
}

/// Prints a line and flushes it, because standard output may be a pipe.
func say(_ line: String) {
    print(line)
    fflush(nil)
}
