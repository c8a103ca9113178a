// SPDX-License-Identifier: MIT
// fetchpool

import FetchClient
import FetchModel
import Glibc
import PoolWorker

/// The entry point: options, and one of the two ways to run.
@main
enum Program {
    static let name = "fetchpool-fetch"
    static let version = "0.1.0"
    static let userAgent = "fetchpool/\(version)"

    static func main() {
        if CommandLine.arguments.contains("--supervised") {
            SupervisedLoop.serve(FetchSettings())
        }
        openMissingStandardDescriptors()
        var settings = FetchSettings()
        if let at = CommandLine.arguments.firstIndex(of: "-c") {
            settings.concurrency = Int(CommandLine.arguments[at + 1]) ?? 32
        }
        FilterLoop.run(settings)
    }

    /// Ends the process with a sentence on standard error.
    ///
    /// It leaves without exit handlers: OpenSSL's would free what transfers still use.
    static func leave(_ message: String, status: Int32) -> Never {
        say(message)
        _exit(status)
    }

    /// Writes a sentence to standard error; there is nobody to tell if that fails.
    static func say(_ message: String) {
        let line = Array("\(name): \(message)\n".utf8)
        _ = writeAll(line.span, to: 2)
    }

    /// Makes the client, or says why that is not possible.
    static func makeClient(_ settings: FetchSettings) -> FetchClient {
        do throws(FetchClientError) {
            return try FetchClient(settings, userAgent: userAgent)
        } catch {
            leave(error.description, status: 1)
        }
    }
}
