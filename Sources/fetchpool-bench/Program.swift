// SPDX-License-Identifier: MIT
// fetchpool

import FetchBench
import Foundation
import Glibc
import OptionTable

/// The program `fetchpool-bench`, which measures fetchpool and its alternatives, or the frontier alone.
///
/// The exit status is 0 on success, 1 if a program, a check or the benchmark itself failed, and 2 for wrong
/// usage.
@main
enum Program {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        do throws(UsageError) {
            if words.first == "frontier" { return try crawl(Array(words.dropFirst())) }
            switch try BenchOptions.table.parse(words, defaults: BenchOptions()) {
            case .print(let text):
                print(text)
            case .run(let options):
                measure(try options.settings())
            }
        } catch {
            complain(error.description, status: 2)
        }
    }

    private static func crawl(_ words: [String]) throws(UsageError) {
        switch try FrontierOptions.table.parse(words, defaults: FrontierOptions()) {
        case .print(let text): print(text)
        case .run(let options):
            if !FetchBench.crawlSimulatedHosts(options.finishedPlan) { exit(1) }
        }
    }

    private static func measure(_ settings: BenchSettings) {
        var settings = settings
        if settings.programFolder.isEmpty { settings.programFolder = folder }
        do {
            if try !FetchBench.run(settings) { exit(1) }
        } catch {
            complain("\(error)", status: 1)
        }
    }

    /// The folder of this program.
    private static var folder: String {
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: path ?? CommandLine.arguments[0]).deletingLastPathComponent().path
    }

    private static func complain(_ sentence: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data("fetchpool-bench: \(sentence)\n".utf8))
        exit(status)
    }
}
