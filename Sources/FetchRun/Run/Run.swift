// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Frontier
import Glibc
import Platform
import PoolWire
import ProcessPool
import Spool

/// A run on the pool thread: the turns of its loop, the order in which its pools drain, its signals and its
/// end.
///
/// A task passes through these parts: port → frontier → fetch stage → (spool → processing stage) → record →
/// port.
final class Run {
    private let settings: RunSettings
    private let parts: RunEnvironment
    private let port: any RunPort
    private lazy var loop = PoolLoop(client: self, host: parts.host)
    private lazy var context = makeContext()
    private lazy var processing = makeProcessStage()
    private lazy var fetching = FetchStage(context, handingTo: processing, parts.fetchCommands)
    private var fetchPool = -1
    private var processPool: Int?
    private var failure: RunError?
    /// The failures after `failure`, each once; `readerLeft` is left out.
    private var laterFailures: [RunError] = []
    /// True once a turn has noted a failure of the output.
    private var isOutputBroken = false
    /// True once the output has ended, and no thread writes to it any more.
    private var isOutputFinished = false
    private var watch: RunWatch?
    private lazy var reports = parts.reports
    /// The time at which the run began.
    ///
    /// `real` is the value of `LoopHost.realTime` at that time, in nanoseconds. `clock` is the value of
    /// `RunEnvironment.clock` at that time, in milliseconds.
    private var start = (real: 0, clock: 0)
    private var isDrained = false
    private var isStopped = false
    /// The time of the first signal or of the beginning of an early end, whichever came first; `nil` before.
    private var interruptedAt: PoolTime?
    private var patience = OutputPatience()
    /// The value of `LoopHost.realTime` after the last turn of the loop, in nanoseconds; `nil` before.
    private var loopEnd: Int?
    private var isInterruptShown = false
    /// The reason for which the run ends early by its own rules; `nil` while no early end has begun.
    private var earlyEnd: EarlyEnd?
    /// True if an early end (`earlyEnd`) began while input was not read, or while tasks waited to begin or to
    /// be retried.
    private var hasUnbegunTasks = false
    private var limits: EarlyEnd.Rules?
    private var turnIsDue = false
    /// The advice about workers of the user that write nothing.
    ///
    /// If both pools have workers of the user, the advice is about the processing workers. The value is `nil`
    /// if neither pool has workers of the user, if the run shows no summary, or with `--quiet`.
    private var silenceHint: SilenceHint?

    /// Creates a run that has not started.
    init(_ settings: RunSettings, _ parts: RunEnvironment) {
        (self.settings, self.parts, port) = (settings, parts, parts.port)
    }

    private func makeContext() -> RunContext {
        RunContext(
            settings,
            port,
            RunState(settings, port.form, seed: parts.seed, clock: parts.clock),
            spool: parts.spool,
            WorkerReport(parts.console, isQuiet: settings.isQuiet, isVerbose: settings.isVerbose),
            self
        )
    }

    private func makeProcessStage() -> ProcessStage? {
        guard let command = parts.processCommand else { return nil }
        return ProcessStage(
            context,
            command,
            named: parts.processorName,
            crashFolder: parts.crashFolder,
            parts.console
        )
    }

    /// Runs all tasks, and returns the result at the end of the run.
    func run() -> RunResult {
        start = (parts.host.realTime, parts.clock())
        reports.begin(at: loop.now)
        limits = EarlyEnd.Rules(settings, start: loop.now)
        addPools()
        watch = RunWatch(
            settings,
            parts,
            context,
            loop,
            processing,
            pools: (fetching: fetchPool, processing: processPool)
        )
        port.startReading()
        port.output.start()
        loop.run { !fetching.hasEnded || !(processing?.hasEnded ?? true) }
        loopEnd = parts.host.realTime
        finishOutput()
        if let reason = writeCookieJar() {
            take(.io("cannot write --cookie-jar '\(settings.fetch.cookieJar ?? "")': \(reason)"))
        }
        context.spool?.directory.removeAll()
        countUnwritten()
        let summary = summary
        return RunResult(exitStatus: conclude(summary), seconds: summary.seconds, outcomes: summary.outcomes)
    }

    /// The totals of the run so far, with its duration and the number of restarts of its workers.
    private var summary: RunSummary {
        var summary = context.state.sink.summary
        if summary.journal == nil { summary.journal = parts.resumed?.tally }
        summary.seconds = Double(parts.host.realTime - start.real) / 1e9
        summary.restarts = loop.restarts(of: fetchPool) + (processPool.map { loop.restarts(of: $0) } ?? 0)
        return summary
    }

    private func addPools() {
        let options = PoolOptions(fetching: settings, parts)
        fetchPool = loop.addPool(options, commands: parts.fetchCommands, client: fetching)
        if !settings.workerCommands.isEmpty { beginSilenceHint(for: fetchPool, parts.fetchCommands) }
        guard let processing, let command = parts.processCommand else { return }
        let pool = loop.addPool(
            PoolOptions(processing: settings, parts),
            commands: [command],
            client: processing
        )
        processPool = pool
        if case .command = settings.processing { beginSilenceHint(for: pool, [command]) }
    }

    // MARK: Silence

    private func beginSilenceHint(for pool: Int, _ commands: [WorkerCommand]) {
        if settings.showsSummary, !settings.isQuiet { silenceHint = SilenceHint(pool: pool, commands) }
    }

    private func adviseOnSilence(of pool: Int) {
        let hint = silenceHint?.sentence(
            hasHeard: loop.hasHeard(from: pool),
            longest: loop.longestInHand(of: pool)
        )
        if let hint { parts.console.say(hint, .warning) }
    }

    // MARK: Ending early

    private func cancelUnbegun(_ ending: RecordSink.Ending) {
        // A parent coordinator needs no records of these tasks. When this process ends, the parent sends the
        // tasks to other workers.
        guard port.form.isLine else { return }
        // The queue is closed first, because the input may be endless.
        port.input.close()
        repeat { context.state.cancelUnbegun(ending) } while takeInput()
    }

    private func handleSignals(at now: PoolTime) {
        let signals = parts.signals()
        guard signals.count > 0 else { return }
        if interruptedAt == nil { beginEnding(at: now) }
        if !isInterruptShown {
            isInterruptShown = true
            if !settings.isQuiet {
                parts.console.say(
                    "fetchpool: interrupted; finishing the tasks in flight (interrupt again to stop at once)",
                    .warning
                )
            }
        }
        if signals.count >= 2 { stopPools() }
    }

    /// Reads no more input, and cancels the tasks that wait for a retry; the tasks in flight can finish.
    ///
    /// The function also writes the cookie file, if this file can be written several times.
    private func beginEnding(at now: PoolTime) {
        interruptedAt = now
        patience.beginEnding()
        port.input.close()
        context.state.cancelRetries(at: now)
        // The cookie file is also written at the end of the run, but a later signal can end the process
        // earlier. Only a failure of the last write counts.
        if parts.cookieJar?.mayBeRewritten == true { _ = writeCookieJar() }
    }

    /// Begins an early end if a rule requires it.
    ///
    /// The function also stops the tasks in flight once `OutputPatience.grace` has passed since the first
    /// signal or the beginning of an early end.
    private func applyLimits(at now: PoolTime) {
        if let reason = limitReached(at: now) {
            earlyEnd = reason
            hasUnbegunTasks = !port.input.isFinished || !context.state.isEmpty
            beginEnding(at: now)
            if !settings.isQuiet { parts.console.say(reason.sentence, .warning) }
        }
        if let interruptedAt, now >= interruptedAt + OutputPatience.grace { stopPools() }
    }

    private func limitReached(at now: PoolTime) -> EarlyEnd? {
        guard interruptedAt == nil, failure == nil else { return nil }
        return limits?.reason(
            context.state.sink.summary,
            linesRead: context.state.inputsRead,
            at: now
        )
    }

    /// Writes the file of `--cookie-jar`, if one is named.
    ///
    /// The function does nothing if workers cannot start.
    ///
    /// - Returns: The reason for a failure; otherwise `nil`.
    private func writeCookieJar() -> String? {
        guard let jar = parts.cookieJar, let session = context.session else { return nil }
        if case .cannotStart = failure { return nil }
        return jar.write(CookieFile.text(of: session.cookies), orUntil: { mustLeave })
    }

    /// Notes an error that makes the run fail.
    private func take(_ broken: RunError) {
        if failure == nil {
            failure = broken
        } else if failure != broken, broken != .readerLeft, !laterFailures.contains(broken) {
            laterFailures.append(broken)
        }
    }

    private func stopPools() {
        guard !isStopped else { return }
        isStopped = true
        context.state.cancelRetries(at: now)
        // The run must end within the time that job schedulers give (Schedulers.md).
        loop.stop(fetchPool, isUrgent: true)
        if let processPool { loop.stop(processPool, isUrgent: true) }
        processing?.cancelWaiting()
        fetching.cancelHeld()
        needTurn()
    }

    // MARK: The end

    private func finishOutput() {
        port.input.close()
        if failure == nil { port.sayBye(into: &context.state.sink) }
        context.state.sink.endOrder()
        flush()
        isOutputFinished = port.output.finish {
            reportProgress()
            return mustLeave
        }
        if let loss = port.output.loss { parts.console.say("fetchpool: \(loss)", .warning) }
        if !isOutputBroken, let broken = port.output.failure { take(broken) }
        if !isOutputFinished {
            let reason = parts.signals().count > 0 ? "interrupted; " : ""
            parts.console.say(
                "fetchpool: \(reason)the output did not accept the last records in time, so they are missing",
                .warning
            )
        }
    }

    /// Writes the statistics that are due, and shows the progress if it is due or asked for.
    ///
    /// The function is called while the last records wait to be written.
    private func reportProgress() {
        writeReports(at: currentTime)
        watch?.look(at: currentTime, isEnding: interruptedAt != nil, isDraining: true)
    }

    /// The current time, even after the last turn, when the time of `loop` stands still.
    private var currentTime: PoolTime {
        guard let loopEnd else { return loop.now }
        return PoolTime(nanoseconds: loop.now.nanoseconds + parts.host.realTime - loopEnd)
    }

    /// True if the run must end even while output waits to be written.
    private var mustLeave: Bool {
        let signals = parts.signals().count
        // After the last turn, only this check notices the deadline.
        if signals == 0, !patience.isEnding, let deadline = limits?.deadline, currentTime >= deadline {
            patience.beginEnding()
            earlyEnd = .deadline
            if !settings.isQuiet { parts.console.say("fetchpool: \(EarlyEnd.deadline.reason)", .warning) }
        }
        return patience.isOver(
            written: port.output.writtenBytes,
            signals: signals,
            isGraceOver: parts.mustLeave()
        )
    }

    /// Subtracts from the totals the records that could not be written.
    private func countUnwritten() {
        let lines = port.output.takeUnwritten()
        guard port.form.isLine, !lines.isEmpty else { return }
        for piece in lines { context.state.sink.uncount(piece) }
        // Reading the journal also cuts off an incomplete last line of the file. So the output thread must
        // have ended: otherwise it could still be writing this line.
        guard settings.resumes, isOutputFinished, let name = settings.output else { return }
        // A record that was not written does not replace the task's record of an earlier run. Only the file
        // shows which records of earlier runs were replaced.
        let journal = try? Journal(
            reading: name,
            retriesFailures: false,
            idsAreTexts: settings.writesTexts
        )
        guard let journal else { return }
        context.state.sink.takeJournal(afterThisRun: journal.tally)
    }

    private func statistics(_ summary: RunSummary, isRunning: Bool) -> RunStatistics {
        var statistics = RunStatistics(summary: summary, isRunning: isRunning)
        (statistics.pid, statistics.startedAt, statistics.writtenAt) = (
            Int(getpid()), start.clock, parts.clock()
        )
        statistics.tasksRead = context.state.inputsRead
        statistics.waiting = context.state.waitingTasks
        statistics.inFlight = context.state.items.count
        statistics.pools = [RunStatistics.Pool(.fetch, loop, fetchPool)]
        if let processPool { statistics.pools.append(RunStatistics.Pool(.process, loop, processPool)) }
        statistics.slowestHosts = context.state.frontier.slowestHosts(RunStatistics.mostHosts)
        return statistics
    }

    /// Writes the files of `--stats` and `--metrics` that are due.
    private func writeReports(at now: PoolTime) {
        for broken in reports.write({ statistics(summary, isRunning: true) }, at: now) where !settings.isQuiet
        {
            parts.console.say("fetchpool: \(broken); the run goes on, and tries again", .warning)
        }
    }

    /// Writes the page of `--report`, if one is named.
    ///
    /// The page comes after the statistics, because a resumed run reads its whole output for the page, and
    /// the reading can take long.
    private func writePage() {
        do throws(RunError) {
            let notice = try parts.page?.write(orUntil: { mustLeave }, readingUntil: parts.mustLeave)
            if let notice { parts.console.say("fetchpool: \(notice)", .warning) }
        } catch {
            take(error)
        }
    }

    private func conclude(_ summary: RunSummary) -> Int32 {
        watch?.end()
        let last = statistics(summary, isRunning: false)
        for broken in reports.finish(last, orUntil: { mustLeave }) { take(broken) }
        writePage()
        for broken in laterFailures { parts.console.say("fetchpool: \(broken)", .error) }
        if failure == .readerLeft { return RunError.readerLeft.exitStatus }
        if settings.showsSummary, !settings.isQuiet {
            parts.console.say(LogEntry(summary, statistics: last.json))
        }
        if let failure {
            parts.console.say("fetchpool: \(failure)", .error)
            return failure.exitStatus
        }
        guard port.judgesRecords else { return 0 }
        if parts.signals().count > 0 { return 128 + parts.signals().first }
        // A run is complete if all tasks have begun, none was cancelled, and all records are written.
        let isIncomplete = hasUnbegunTasks || !isOutputFinished || summary.outcomes[.cancelled] != nil
        if let earlyEnd, isIncomplete { return earlyEnd.exitStatus }
        return settings.failRule.fails(summary.allOutcomes) ? 1 : 0
    }
}

// MARK: Turns

extension Run: LoopClient {
    /// True while all input is read, no task waits for its fetch or a retry, and no fetch is in flight.
    private var isAllFetched: Bool {
        context.state.fetchesInFlight == 0 && context.state.isEmpty && port.input.isFinished
    }

    func turn(at now: PoolTime) {
        turnIsDue = false
        context.state.now = now
        handleSignals(at: now)
        applyLimits(at: now)
        if !isOutputBroken, let broken = port.output.failure {
            isOutputBroken = true
            fail(broken)
        }
        if port.isHeededAtOnce {
            while takeInput() {}
        }
        port.turn(
            at: now,
            isReady: loop.hasHeard(from: fetchPool) && processPool.map { loop.hasHeard(from: $0) } ?? true,
            inFlight: context.state.items.count,
            into: &context.state.sink
        )
        context.state.frontier.advance(to: now)
        if isAllFetched || interruptedAt != nil, !isDrained {
            isDrained = true
            loop.drain(fetchPool)
        }
        // The records are written before the workers end, because workers use the CPU when they end.
        if isDrained { flush() }
        if let processPool, let processing, fetching.hasEnded, processing.isEmpty { loop.drain(processPool) }
        context.state.mayBegin = !isEnding && !isDrained && port.isOpen
        writeReports(at: now)
        if let pool = silenceHint?.pool { adviseOnSilence(of: pool) }
    }

    func endOfTurn(at now: PoolTime) {
        flush()
        context.state.sink.forgetTime()
        watch?.look(at: now, isEnding: interruptedAt != nil)
    }

    func nextWake(after now: PoolTime) -> PoolTime? {
        // If the last input line begins no task, only the second condition wakes the loop.
        if turnIsDue || (!isDrained && isAllFetched) || limitReached(at: now) != nil {
            return now
        }
        let times = [
            watch?.nextWake, reports.due, port.nextWake,
            interruptedAt == nil && failure == nil ? limits?.deadline : nil,
            context.state.mayBegin ? context.state.nextWake : nil,
            isStopped ? nil : interruptedAt.map { $0 + OutputPatience.grace },
        ]
        return times.compactMap(\.self).min()
    }
}

// MARK: Requests of stages

extension Run: RunControl {
    var now: PoolTime { loop.now }

    var isEnding: Bool { interruptedAt != nil || failure != nil || parts.signals().count > 0 }

    func needTurn() { turnIsDue = true }

    func fail(_ error: RunError) {
        take(error)
        patience.beginEnding()
        context.state.mayBegin = false
        stopPools()
    }

    func cannotStart(_ command: WorkerCommand, _ exit: WorkerExit) {
        let words = exit.errorTail.isEmpty ? " nothing" : exit.errorTail.map { "\n  " + $0 }.joined()
        let sentence =
            "workers cannot start; '\(command.shownName)' \(exit.account) and said:\(words)\(command.advice(on: exit))"
        fail(.cannotStart(sentence))
        cancelUnbegun(.cancelled(by: exit))
    }

    func takeInput() -> Bool {
        guard let batch = port.input.pop() else { return false }
        if let broken = batch.failure { fail(broken) }
        if !settings.isQuiet { for notice in batch.notices { parts.console.say("fetchpool: \(notice)") } }
        if !batch.cookies.isEmpty { context.session?.take(batch.cookies, from: nil) }
        if port.isHeededAtOnce {
            let confirmed = context.state.apply(batch, mayReturn: port.isOpen)
            for reference in confirmed { port.confirm(reference: reference) }
        } else {
            context.state.take(batch)
        }
        return true
    }

    func flush() {
        while context.state.sink.pendingBytes > 0 {
            let lines = context.state.sink.takeLines()
            port.write(settings.writesTexts ? TextRecords.rewritten(lines) : lines)
        }
    }
}
