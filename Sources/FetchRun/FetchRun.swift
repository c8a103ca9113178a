// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import Platform
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

    /// Runs as the worker of a parent coordinator, over the two descriptors given.
    ///
    /// `whenAbandoned` is called when `input` ends before `drain`, since the parent coordinator is gone then.
    package static func serve(
        _ settings: RunSettings,
        input: Int32,
        output: Int32,
        whenAbandoned: @escaping @Sendable () -> Never
    ) -> Int32 {
        var settings = settings
        // The parent coordinator sees all of a host's traffic, tries again what fails, and is told at once whether there is anybody to
        // work for it.
        (settings.ownsHosts, settings.startsAllWorkers, settings.showsSummary) = (false, true, false)
        let messages = SupervisedInput(input) {
            // Nobody is left who would do it at the end.
            AbandonedSpools.removeOwn()
            whenAbandoned()
        }
        do throws(RunError) {
            try messages.readInit(into: &settings.fetch)
        } catch {
            say("\(error)")
            return error.exitStatus
        }
        return run(settings, link: UpstreamPort.Link(input: messages, output: output)).exitStatus
    }

    /// Tells the user a sentence, on standard error, after the program's name.
    package static func say(_ sentence: String) {
        FileHandle.standardError.writeQuietly("fetchpool: \(Console.printable(sentence))\n")
    }

    /// Runs to the end with the parts given, on the calling thread.
    package static func run(_ settings: RunSettings, with parts: RunEnvironment) -> RunResult {
        Run(settings, parts).run()
    }

    private static func run(_ settings: RunSettings, link: UpstreamPort.Link?) -> RunResult {
        if let lack = lack(for: settings) {
            say("\(lack)")
            return RunResult(exitStatus: lack.exitStatus)
        }
        let wake = WakePipe()
        let console = Console()
        SignalWatch.begin(waking: wake)
        let parts: RunEnvironment
        do throws(RunError) {
            parts = try RunEnvironment(settings, wake, console, link)
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
            // A terminal may stand still for ever, but a run that was told to end must not; what was said last has its moment.
            let moment = MonotonicClock.milliseconds() + 500
            let isServed = console.waitUntilServed(orUntil: {
                SignalWatch.isPatienceOver && MonotonicClock.milliseconds() >= moment
            })
            guard !isServed else { return }
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

    /// What the system does not grant of what a run cannot do without; `nil` if it grants all.
    ///
    /// The first worker must be able to start as well: what Foundation lacks for that would be a trap, or a wait for ever.
    private static func lack(for settings: RunSettings) -> RunError? {
        let limit = DescriptorLimit.raise(to: 65_536)
        DescriptorLimit.lowerInherited(below: limit)
        guard DescriptorLimit.holds(descriptorsToBegin) else {
            return .cannotStart(
                "too many open files: a run needs \(descriptorsToBegin) descriptors at least, and \(limit) may be open; raise the limit (ulimit -n)"
            )
        }
        let concurrency = settings.fetch.concurrency
        if settings.workerCommands.isEmpty, limit < concurrency + descriptorsOfFetchWorker {
            return .cannotStart(
                "too many open files: a fetch worker with --concurrency \(concurrency) needs \(concurrency + descriptorsOfFetchWorker), and \(limit) may be open; raise the limit (ulimit -n) or lower --concurrency"
            )
        }
        let number = ThreadRoom.lack(of: threadsToBegin)
        guard number != 0 else { return nil }
        return .cannotStart(
            "no threads are left to begin with: \(systemError(number)); raise the limit (ulimit -u, ulimit -v, or that of the control group)"
        )
    }

    /// What a run with one worker has open, and what its start takes for a moment.
    private static let descriptorsToBegin = 40
    /// What a fetch worker has open beside its connections.
    private static let descriptorsOfFetchWorker = 20
    /// The pool, both ends, Foundation's for processes, and those that tell of a process's end.
    private static let threadsToBegin = 6
}
