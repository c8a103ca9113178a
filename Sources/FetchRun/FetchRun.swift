// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
package import Platform
import PoolWire
import ProcessPool
import Spool
import Synchronization

/// The functions that start a run of fetchpool, and those that the program needs before a run.
///
/// A run reads tasks and writes their records.
package enum FetchRun {
    /// Runs all tasks, and returns at the end of the run.
    ///
    /// Messages for the user go to standard error. From this call on, the process handles SIGINT, SIGTERM,
    /// SIGHUP and SIGUSR1, except signals that were ignored before.
    ///
    /// SIGINT, SIGTERM and SIGHUP end the run. After two of these signals, or 10 s after the first, the
    /// function no longer waits for a blocked output. The third of these signals ends the process. If
    /// standard error is blocked at the end of the run, the function can exit the process.
    package static func run(_ settings: RunSettings) -> RunResult {
        run(settings, link: nil)
    }

    /// Runs as the worker of a parent coordinator, and returns the exit status.
    ///
    /// The parent's messages come from the descriptor `input`, and the messages to the parent go to the
    /// descriptor `output`.
    ///
    /// `whenAbandoned` is called, on any thread, if `input` ends or fails before the message `drain`. It is
    /// also called if a remote parent coordinator is silent for 15 s.
    package static func serve(
        _ settings: RunSettings,
        input: Int32,
        output: Int32,
        whenAbandoned: @escaping @Sendable () -> Never
    ) -> Int32 {
        let given = settings.fetch
        var settings = settings
        // Only the parent coordinator sees all traffic of a host, so it applies host rules and retries. All
        // workers start without waiting for tasks, so that the parent learns early if they cannot start.
        (settings.ownsHosts, settings.startsAllWorkers, settings.showsSummary) = (false, true, false)
        let messages = SupervisedInput(input) {
            // The end of a run removes the spool, but `whenAbandoned` exits the process before the end.
            AbandonedSpools.removeOwn()
            whenAbandoned()
        }
        do throws(RunError) {
            try messages.readInit(into: &settings.fetch)
        } catch {
            say("\(error)", settings.logFormat)
            return error.exitStatus
        }
        if let refusal = given.refusal(ofUsing: settings.fetch) {
            say(refusal, settings.logFormat)
            return 2
        }
        return run(settings, link: UpstreamPort.Link(input: messages, output: output)).exitStatus
    }

    /// Writes a message for the user to standard error, after the program's name; `isError` is false for a
    /// message that is only a note.
    package static func say(_ sentence: String, _ format: LogFormat = .text, isError: Bool = true) {
        let entry = LogEntry(
            level: isError ? .error : .info,
            kind: isError ? .error : .note,
            text: LogEntry.program + sentence
        )
        FileHandle.standardError.writeQuietly(entry.lines(format).map { $0 + "\n" }.joined())
    }

    /// Blocks SIGUSR1 until a run begins, because the signal would end the process.
    ///
    /// If the signal has come before the run, the run prints its progress once. Call this function before
    /// other threads are created.
    package static func deferProgressSignal() { SignalWatch.deferProgressSignal() }

    /// Makes this process handle signals as during a run, from this call on.
    ///
    /// The first two SIGINT, SIGTERM or SIGHUP do not end the process; each of the two wakes `wake`. A run
    /// that begins after one of these signals ends at once.
    ///
    /// Call this function before other threads are created.
    package static func catchSignals(waking wake: WakePipe) { SignalWatch.begin(waking: wake) }

    /// The exit status after the first SIGINT, SIGTERM or SIGHUP; `nil` if none of them has come.
    package static var statusAfterSignal: Int32? {
        let signals = SignalWatch.signals
        return signals.count > 0 ? 128 + signals.first : nil
    }

    /// Makes a write beyond a file's size limit (`ulimit -f`) return an error, instead of ending the process.
    package static func surviveFileSizeLimit() { SignalWatch.surviveFileSizeLimit() }

    /// Runs all tasks on the calling thread, with the given environment.
    package static func run(_ settings: RunSettings, with parts: RunEnvironment) -> RunResult {
        Run(settings, parts).run()
    }

    private static func run(_ settings: RunSettings, link: UpstreamPort.Link?) -> RunResult {
        if let lack = lack(for: settings) {
            say("\(lack)", settings.logFormat)
            return RunResult(exitStatus: lack.exitStatus)
        }
        let wake = WakePipe()
        let console = Console(settings.logFormat, on: Screen(style: style(for: settings, link)))
        SignalWatch.begin(waking: wake)
        let parts: RunEnvironment
        do throws(RunError) {
            parts = try RunEnvironment(settings, wake, console, link)
        } catch {
            say("\(error)", settings.logFormat)
            return RunResult(exitStatus: error.exitStatus)
        }
        return onPoolThread(console) { run(settings, with: parts) }
    }

    /// Returns the style of the progress display; `nil` for no display.
    private static func style(for settings: RunSettings, _ link: UpstreamPort.Link?) -> TerminalStyle? {
        let isWanted = settings.progress == .on || settings.progress == .auto && !settings.isQuiet
        guard isWanted, link == nil, settings.logFormat == .text, isatty(2) == 1 else { return nil }
        return TerminalStyle.named(by: ProcessInfo.processInfo.environment)
    }

    /// Runs `body` on a new thread, which starts the child processes; the calling thread serves the console.
    private static func onPoolThread(_ console: Console, _ body: @escaping () -> RunResult) -> RunResult {
        // Safe because only the new thread calls the closure.
        nonisolated(unsafe) let body = body
        let box = ResultBox()
        let thread = Thread {
            // Each result wakes this thread. With the usual scheduling, this thread would then interrupt a
            // worker.
            SystemThread.useBatchScheduling()
            let result = unsafe body()
            box.result.withLock { $0 = result }
            console.finish()
            // A stopped terminal can block the console forever, but an interrupted run must end. The last
            // messages of the run then have at least 500 ms to be written. `waitUntilServed` itself gives up
            // a pipe that is blocked.
            let moment = MonotonicClock.milliseconds() + 500
            let isServed = console.waitUntilServed(orUntil: {
                SignalWatch.isPatienceOver && MonotonicClock.milliseconds() >= moment
            })
            guard !isServed else { return }
            let signals = SignalWatch.signals
            _exit(signals.count > 0 ? 128 + signals.first : result.exitStatus)
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

    /// Returns an error if the system does not grant a resource that the run needs; otherwise `nil`.
    ///
    /// The check includes the resources to start the first worker: without them, Foundation traps or waits
    /// forever. The function also raises the limit of open descriptors, and moves inherited descriptors below
    /// the limit.
    private static func lack(for settings: RunSettings) -> RunError? {
        let limit = DescriptorLimit.raise(to: 65_536)
        DescriptorLimit.lowerInherited(below: limit)
        guard DescriptorLimit.holds(descriptorsToBegin) else {
            return .cannotStart(
                "too many open files: a run needs \(descriptorsToBegin) free descriptors, and fewer are free within the limit of \(limit); raise the limit (ulimit -n)"
            )
        }
        if settings.workerCommands.isEmpty, let reason = settings.fetch.lackOfDescriptors(limit: limit) {
            return .cannotStart(reason)
        }
        let reports = [settings.statsFile, settings.metricsFile].count { $0 != nil }
        let number = ThreadRoom.lack(of: threadsToBegin + reports)
        guard number != 0 else { return nil }
        return .cannotStart(
            "no threads are left for the run: \(systemError(number)); raise the limit (ulimit -u, ulimit -v, or that of the control group)"
        )
    }

    /// The number of descriptors that a run with one worker needs, also while the worker starts.
    private static let descriptorsToBegin = 40
    /// The number of threads that a run needs at its start.
    ///
    /// These are the threads for the pool, the input and the output, and the threads with which Foundation
    /// starts processes and reports their exits.
    private static let threadsToBegin = 6
}
