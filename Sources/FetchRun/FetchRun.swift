// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import PoolWire
import ProcessPool
import Synchronization

/// One run of fetchpool: tasks in, one record out for each.
package enum FetchRun {
    /// Runs to the end.
    ///
    /// What users are told goes to standard error, written by the calling thread; the children belong to a thread of
    /// the run's own. It listens to SIGINT, SIGTERM and SIGHUP for the rest of the process's life.
    package static func run(_ settings: RunSettings) -> RunResult {
        run(settings, link: nil)
    }

    /// Runs as the worker of a coordinator above, over the two descriptors given.
    ///
    /// `whenAbandoned` is called when `input` ends before `drain`, since the coordinator above is gone then.
    package static func serve(
        _ settings: RunSettings,
        input: Int32,
        output: Int32,
        whenAbandoned: @escaping @Sendable () -> Never
    ) -> Int32 {
        var settings = settings
        settings.isSupervised = true
        let upstream = SupervisedInput(input, whenAbandoned: whenAbandoned)
        do throws(RunError) {
            try upstream.readInit(into: &settings.fetch)
        } catch {
            say("\(error)")
            return error.exitStatus
        }
        return run(settings, link: UpstreamLink(input: upstream, output: output)).exitStatus
    }

    /// Tells the user a sentence, on standard error, after the program's name.
    package static func say(_ sentence: String) {
        FileHandle.standardError.writeQuietly("fetchpool: \(Console.printable(sentence))\n")
    }

    /// Runs to the end with the parts given, on the calling thread.
    package static func run(_ settings: RunSettings, with parts: RunParts) -> RunResult {
        RunCoordinator(settings, parts).run()
    }

    private static func run(_ settings: RunSettings, link: UpstreamLink?) -> RunResult {
        raiseDescriptorLimit()
        let wake = WakePipe()
        let console = Console()
        SignalWatch.begin(waking: wake)
        let parts: RunParts
        do throws(RunError) {
            parts = try RunParts(settings, wake, console, link)
        } catch {
            say("\(error)")
            return RunResult(exitStatus: error.exitStatus)
        }
        return onPoolThread(console) { run(settings, with: parts) }
    }

    /// Runs `body` on the one thread that may start children, while the calling one serves the console.
    private static func onPoolThread(_ console: Console, _ body: @escaping () -> RunResult) -> RunResult {
        // The closure is handed to one thread, which alone runs it.
        nonisolated(unsafe) let body = body
        let box = ResultBox()
        let thread = Thread {
            let result = unsafe body()
            box.result.withLock { $0 = result }
            console.finish()
            // A terminal may stand still for ever, but a run that was told to end must not.
            guard !console.waitUntilServed(orUntil: { SignalWatch.isPatienceOver }) else { return }
            _exit(128 + SignalWatch.signals.first)
        }
        thread.name = "pool"
        thread.stackSize = 8 << 20
        thread.start()
        console.serve()
        return box.result.withLock { $0 }
    }

    private final class ResultBox: Sendable {
        let result = Mutex(RunResult(exitStatus: 0))
    }

    /// A live worker costs five descriptors; the soft limit of many systems is 1,024.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        unsafe _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
