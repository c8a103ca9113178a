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

/// The entry point: options, and one of the two ways to run.
@main
enum Program {
    static let name = "fetchpool-fetch"

    static func main() {
        openMissingStandardDescriptors()
        // libcurl converts host names beyond ASCII, which redirects may hold, by the locale's character set.
        unsafe _ = setlocale(LC_CTYPE, "C.UTF-8")
        // It would write the keys of all connections into the file that this names.
        unsafe unsetenv("SSLKEYLOGFILE")
        DescriptorLimit.raise()
        // A write beyond `ulimit -f` is an error then, EFBIG, and not the end.
        signal(SIGXFSZ) { _ in }
        // Bodies come and go: a heap that shrinks and grows with each takes 9 page faults for 50 KB, and 260 for 1 MB. The room of
        // 32 bodies of 1 MB is kept.
        clinux_keep_freed_memory(32 << 20, 4 << 20)
        do throws(UsageError) {
            let arguments = ProgramArguments.words
            // What a coordinator starts: making the table takes a fifteenth of a worker's start.
            if arguments == ["--supervised"] { SupervisedLoop.serve(FetchSettings()) }
            if let word = arguments.first(where: { $0.hasSystemEscapes }) {
                throw UsageError("the argument '\(word)' is not valid UTF-8")
            }
            switch try WorkerOptions.table.parse(arguments, defaults: WorkerOptions()) {
            case .print(let text): show(text)
            case .run(let options) where options.isSupervised:
                SupervisedLoop.serve(try options.fetch.resolved().settings)
            case .run(let options):
                let (settings, notice) = try options.fetch.resolved()
                if let notice { say(notice) }
                FilterLoop.run(settings)
            }
        } catch {
            leave(error.description, status: 2)
        }
    }

    private static func show(_ text: String) {
        let lines = Array("\(text)\n".utf8)
        if !writeAll(lines.span, to: 1) { exit(errno == EPIPE ? 141 : 3) }
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
        do throws(ProxyURL.Refusal) {
            // What a coordinator wants may go against this worker's own command line.
            try settings.checkProxy()
        } catch {
            leave(error.description, status: 1)
        }
        do throws(FetchClientError) {
            return try FetchClient(settings, userAgent: ProductVersion.userAgent)
        } catch {
            leave(error.description, status: 1)
        }
    }
}
