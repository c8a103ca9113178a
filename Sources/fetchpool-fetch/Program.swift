// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import FetchClient
import FetchModel
import FetchOptionTable
import Glibc
import OptionTable
import Platform
import PoolWire
import PoolWorker

/// The entry point, which reads the options and starts the filter or the worker.
@main
enum Program {
    static let name = "fetchpool-fetch"

    static func main() {
        openMissingStandardDescriptors()
        // libcurl would write the keys of all connections to the file that this variable names.
        unsafe unsetenv("SSLKEYLOGFILE")
        DescriptorLimit.raise()
        // With a handler, a write beyond `ulimit -f` fails with EFBIG instead of ending the process.
        signal(SIGXFSZ) { _ in }
        // A heap that grows and shrinks with each body takes 9 page faults for 50 KB, and 260 for 1 MB.
        clinux_keep_freed_memory(32 << 20, 4 << 20)
        do throws(UsageError) {
            let arguments = ProgramArguments.takeWords()
            // This case needs no option table, whose creation would slow the start of the worker.
            if arguments == ["--supervised"] { SupervisedLoop.serve(FetchSettings()) }
            if let place = arguments.firstIndex(where: { $0.hasSystemEscapes }) {
                // The argument can be a password, so the message does not show it.
                throw UsageError("argument \(place + 1) is not valid UTF-8")
            }
            switch try WorkerOptions.table.parse(arguments, defaults: WorkerOptions()) {
            case .print(let text): exit(PrintedText.print(text, program: "fetchpool-fetch"))
            case .run(let options) where options.isSupervised:
                try options.fetch.checkSupervised()
                SupervisedLoop.serve(try options.fetch.resolved().settings)
            case .run(let options):
                let (settings, notices) = try options.fetch.resolved()
                for notice in notices { say(notice) }
                FilterLoop.run(settings, defaultScheme: options.defaultScheme?.scheme)
            }
        } catch {
            leave(error.description, status: 2)
        }
    }

    /// Exits the process with a message on standard error and with the exit status `status`.
    ///
    /// No exit handlers run: OpenSSL's handler would free memory that transfers still use.
    static func leave(_ message: String, status: Int32) -> Never {
        say(message)
        _exit(status)
    }

    /// Writes a message to standard error; ignores errors.
    static func say(_ message: String) {
        let line = Array("\(name): \(message)\n".utf8)
        _ = writeAll(line.span, to: 2)
    }

    /// Creates the client, or exits with a message and status 1 if that is impossible.
    static func makeClient(_ settings: FetchSettings) -> FetchClient {
        do throws(ProxyURL.Refusal) {
            // Settings of the coordinator can contradict the worker's own command line.
            try settings.checkProxy()
        } catch {
            leave(error.description, status: 1)
        }
        // With too few descriptors, hosts would seem unreachable. A coordinator checks only the limit of its
        // own machine.
        if let reason = settings.lackOfDescriptors(limit: DescriptorLimit.current) {
            leave(reason, status: 1)
        }
        do throws(FetchClientError) {
            return try FetchClient(settings, userAgent: ProductVersion.userAgent)
        } catch {
            leave(error.description, status: 1)
        }
    }
}
