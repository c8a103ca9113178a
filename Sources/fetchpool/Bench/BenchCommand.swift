// SPDX-License-Identifier: MIT
// fetchpool

import FetchBench
import FetchModel
import Foundation
import OptionTable

/// `fetchpool bench`: measures this machine, fetchpool, and what one would use instead.
enum BenchCommand {
    /// Runs the benchmark and answers the exit status: 0, or 1 if something could not be measured.
    static func main(_ words: [String], programFolder: String) -> Int32 {
        var settings = BenchSettings()
        do throws(UsageError) {
            switch try BenchOptions.table.parse(words, defaults: BenchOptions()) {
            case .print(let text):
                say(text)
                return 0
            case .run(let options):
                settings = try options.settings()
            }
        } catch {
            return complain(error.description, 2)
        }
        if settings.programFolder.isEmpty { settings.programFolder = programFolder }
        do {
            return try FetchBench.run(settings) ? 0 : 1
        } catch {
            return complain("\(error)", 1)
        }
    }

    private static func complain(_ sentence: String, _ status: Int32) -> Int32 {
        FileHandle.standardError.write(Data("fetchpool bench: \(sentence)\n".utf8))
        return status
    }
}
