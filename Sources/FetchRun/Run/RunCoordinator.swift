// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Frontier
import Platform
import PoolWire
import ProcessPool

/// One run, on the pool thread: what is fetched next, what becomes of each answer, and when all is over.
///
/// It knows nothing of pipes and processes, which are the pool's, and nothing of threads but the queues at both ends.
/// The way of one task: input → frontier → fetch pool → (spool → processing pool) → record.
final class RunCoordinator {
    let settings: RunSettings
    let parts: RunParts
    /// Whether responses are handed on for processing.
    let processes: Bool
    private(set) lazy var loop = PoolLoop(client: self, host: parts.host)
    var state: RunState
    var spool: RunSpool?
    /// Responses that wait for a processing worker.
    var waiting = Deque<Int>()
    var fetchPool = -1
    var processPool: Int?
    var endedPools: Set<Int> = []
    var notes = NoteLimiter()
    var processingTimes = ProcessingTimes()
    var failure: RunError?
    private var progress: ProgressLine?
    private var isDrained = false
    private var isStopped = false
    private(set) var interruptedAt: PoolTime?
    private var turnIsDue = false
    private var hasMissedBody = false
    var duties: WorkerDuties?
    /// Advice about the user's own workers; `nil` where there are none, or nobody to read it.
    var silenceHint: SilenceHint?

    /// How long what is in flight may take to finish after the first signal.
    private static let graceAfterSignal: PoolTime.Milliseconds = 10_000
    /// Records of one turn that are handed on before the turn is over.
    private static let flushBytes = 256 << 10

    init(_ settings: RunSettings, _ parts: RunParts) {
        (self.settings, self.parts) = (settings, parts)
        processes = settings.processes
        if settings.isSupervised { duties = WorkerDuties() }
        state = RunState(settings, seed: parts.seed, clock: parts.clock)
    }

    /// Runs to the end.
    func run() -> RunResult {
        let start = parts.host.realTime
        if parts.showsProgress { progress = ProgressLine(start: loop.now) }
        addPools()
        parts.startInput()
        parts.output.start()
        loop.run { endedPools.count < (processPool == nil ? 1 : 2) }
        finishOutput()
        spool?.directory.removeAll()
        var summary = state.sink.summary
        summary.seconds = Double(parts.host.realTime - start) / 1e9
        summary.restarts = loop.restarts(of: fetchPool) + (processPool.map { loop.restarts(of: $0) } ?? 0)
        return RunResult(exitStatus: conclude(summary), seconds: summary.seconds, outcomes: summary.outcomes)
    }

    /// Whether all was fetched: what is in flight may yet have to be fetched again.
    private var isAllFetched: Bool {
        state.fetchesInFlight == 0 && state.isEmpty && parts.inputQueue.isFinished
    }

    /// Looks whether new tasks may begin.
    private func seeWhetherTasksMayBegin() {
        state.mayBegin = interruptedAt == nil && failure == nil && !isDrained && duties?.hasGreeted ?? true
    }

    // MARK: Parts of a turn

    func turn(at now: PoolTime) {
        turnIsDue = false
        state.now = now
        heedSignals(at: now)
        if failure == nil, let broken = parts.output.failure { fail(broken) }
        if duties != nil {
            while takeInput() {}
            greetOrBeat(at: now)
        }
        state.frontier.advance(to: now)
        if isAllFetched || interruptedAt != nil, !isDrained {
            isDrained = true
            loop.drain(fetchPool)
        }
        // Workers that are told to leave all want a core at once; the last records shall not wait behind them.
        if isDrained { flush() }
        if let processPool, endedPools.contains(fetchPool), waiting.isEmpty { loop.drain(processPool) }
        seeWhetherTasksMayBegin()
        showProgress(at: now)
        if let pool = silenceHint?.pool { adviseOnSilence(of: pool) }
    }

    private func adviseOnSilence(of pool: Int) {
        let hint = silenceHint?.sentence(
            hasHeard: loop.hasHeard(from: pool),
            longest: loop.longestInHand(of: pool)
        )
        if let hint { parts.console.say(hint) }
    }

    func endOfTurn(at now: PoolTime) {
        flush()
        state.sink.forgetTime()
    }

    func nextWake(after now: PoolTime) -> PoolTime? {
        // The last line may have been one that no worker is started for, so that nothing else would wake the loop.
        if turnIsDue || (!isDrained && isAllFetched) { return now }
        let times = [
            progress?.due, duties?.nextBeat, state.mayBegin ? state.frontier.nextWake : nil,
            isStopped ? nil : interruptedAt.map { $0 + Self.graceAfterSignal },
        ]
        return times.compactMap(\.self).min()
    }

    /// Asks for another turn at once.
    func needTurn() { turnIsDue = true }

    /// The next line that is a task; others get their records on the way.
    func nextFetch() -> PoolTask? {
        // The usual way by itself: what the others look at in this object would have to be guarded here as well.
        if !settings.isSupervised, !processes, !parts.output.isFull,
            case .task(let task) = state.beginNext(withRoomFor: Self.flushBytes)
        {
            return task
        }
        return nextFetchAnyway()
    }

    @inline(never)
    private func nextFetchAnyway() -> PoolTask? {
        while !parts.output.isFull, hasRoomInSpool {
            if settings.isSupervised, let task = nextHeard() { return task }
            switch state.beginNext(withRoomFor: Self.flushBytes) {
            case .nothing:
                // Only what no host holds up is read: memory does not grow with the input.
                guard state.wantsInput, takeInput() else { return nil }
            case .recordsWait: flush()
            case .record: continue
            case .task(let task):
                guard settings.isSupervised, !task.mayRepeat, let seq = state.items[task.token]?.upstream
                else {
                    return task
                }
                announce(task, seq)
            }
        }
        return nil
    }

    private var hasRoomInSpool: Bool {
        !processes || spool?.hasRoom(inFlight: state.fetchesInFlight) ?? true
    }

    /// Ends the run early: everything that has not ended is cancelled.
    func fail(_ error: RunError) {
        if failure == nil { failure = error }
        state.mayBegin = false
        stopPools()
    }

    /// Gives each line that was read and has not begun its record.
    func cancelUnbegun(_ ending: RecordSink.Ending) {
        guard duties == nil else { return }
        // The input may be endless.
        parts.inputQueue.close()
        repeat { state.cancelUnbegun(ending) } while takeInput()
    }

    /// Takes one batch of input; `false` if there is none now.
    private func takeInput() -> Bool {
        guard let batch = parts.inputQueue.pop() else { return false }
        if let broken = batch.failure { fail(broken) }
        if duties == nil { state.take(batch) } else { state.heed(batch) }
        return true
    }

    private var hasSignal: Bool {
        let signals = parts.signals()
        return signals.count > 0 && (!settings.isSupervised || signals.first != SIGINT)
    }

    private func heedSignals(at now: PoolTime) {
        guard hasSignal else { return }
        let signals = parts.signals()
        if interruptedAt == nil {
            interruptedAt = now
            parts.inputQueue.close()
            cancelRetries()
            if !settings.isQuiet {
                parts.console.say(
                    "fetchpool: interrupted; finishing what is in flight (again to stop at once)"
                )
            }
        }
        guard let interruptedAt, !isStopped else { return }
        if signals.count >= 2 || now >= interruptedAt + Self.graceAfterSignal { stopPools() }
    }

    /// Says once that --crash-dir cannot take a body; the records say nothing of one then.
    func cannotKeepBody() {
        guard !hasMissedBody, !settings.isQuiet else { return }
        hasMissedBody = true
        parts.console.say("fetchpool: --crash-dir: a body could not be kept: \(lastSystemError())")
    }

    private func stopPools() {
        guard !isStopped else { return }
        isStopped = true
        cancelRetries()
        loop.stop(fetchPool)
        if let processPool { loop.stop(processPool) }
        if let processPool {
            while let token = waiting.popFirst() { ended(token, .cancelled, in: processPool, by: nil) }
        }
        while let token = duties?.announced.popFirst()?.task.token {
            ended(token, .cancelled, in: fetchPool, by: nil)
        }
        needTurn()
    }

    private func showProgress(at now: PoolTime) {
        guard var line = progress, now >= line.due else { return }
        let total = parts.inputQueue.isFinished ? state.inputsRead : parts.totalLines()
        let summary = state.sink.summary
        let text = line.text(
            done: summary.records,
            total: total,
            failures: summary.failures,
            waiting: waitingAtTheEnd,
            limit: state.frontier.limit(at: now),
            at: now
        )
        progress = line
        parts.console.show(progress: text)
    }

    /// What is still in hand, once nothing is left to begin.
    private var waitingAtTheEnd: ProgressLine.Waiting? {
        guard parts.inputQueue.isFinished || interruptedAt != nil, state.isEmpty, waiting.isEmpty else {
            return nil
        }
        var left = ProgressLine.Waiting(
            fetches: state.fetchesInFlight,
            longest: loop.longestInHand(of: fetchPool)
        )
        if let processPool {
            left.processing = loop.unendedTasks(of: processPool)
            left.longest = max(left.longest, loop.longestInHand(of: processPool))
        }
        return left
    }

    private func flush() {
        guard state.sink.pendingBytes > 0 else { return }
        let lines = state.sink.takeLines()
        duties?.bytesHandedOn += lines.count
        parts.output.write(lines)
    }

    private func finishOutput() {
        parts.inputQueue.close()
        if settings.isSupervised, failure == nil { state.sink.message { $0.writeBye(reason: "drained") } }
        flush()
        let isWritten = parts.output.finish(orUntil: parts.mustLeave)
        if failure == nil { failure = parts.output.failure }
        if interruptedAt == nil, hasSignal { interruptedAt = loop.now }
        if !isWritten {
            parts.console.say(
                "fetchpool: interrupted; the reader of the records stands still, so the last of them are missing"
            )
        }
    }

    private func conclude(_ summary: RunSummary) -> Int32 {
        if progress != nil { parts.console.show(progress: .none) }
        if failure == .readerLeft { return RunError.readerLeft.exitStatus }
        if let broken = parts.stats?.write(summary.json, orUntil: parts.mustLeave), failure == nil {
            failure = broken
        }
        if !settings.isQuiet, !settings.isSupervised {
            for line in summary.text { parts.console.say(line) }
        }
        if let failure {
            for line in "fetchpool: \(failure)".split(separator: "\n") { parts.console.say(String(line)) }
            return failure.exitStatus
        }
        if settings.isSupervised { return 0 }
        if interruptedAt != nil { return 128 + parts.signals().first }
        return summary.failures == 0 ? 0 : 1
    }
}
