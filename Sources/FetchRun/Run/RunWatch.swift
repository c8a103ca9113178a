// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import ProcessPool
import Spool

/// The object that shows the progress of a run: on the display, in the lines of a log, and after SIGUSR1.
///
/// The watch is used on the pool thread only.
final class RunWatch {
    private let settings: RunSettings
    private let parts: RunEnvironment
    private let context: RunContext
    private unowned let loop: PoolLoop
    private let processing: ProcessStage?
    /// The numbers of the pools in `loop`; `processing` is `nil` if responses are not processed.
    private let pools: (fetching: Int, processing: Int?)
    private var watch: ProgressWatch
    private var nextLog: PoolTime?
    /// The result and the time of the last call of `Frontier.limit(at:)`; `nil` before the first call.
    ///
    /// The result is the host that delayed the run at that time; `nil` if no host did.
    private var host: (limit: HostLimit?, time: PoolTime)?

    /// The shortest time between two calls of `Frontier.limit(at:)`, which is slow if there are many hosts.
    private static let hostInterval: PoolTime.Milliseconds = 1_000

    /// Creates a watch of a run that begins now.
    init(
        _ settings: RunSettings,
        _ parts: RunEnvironment,
        _ context: RunContext,
        _ loop: PoolLoop,
        _ processing: ProcessStage?,
        pools: (fetching: Int, processing: Int?)
    ) {
        (self.settings, self.parts, self.context, self.loop) = (settings, parts, context, loop)
        (self.processing, self.pools) = (processing, pools)
        watch = ProgressWatch(start: loop.now)
        nextLog = parts.logInterval.map { loop.now + $0 }
    }

    /// The time by which the next call of `look` is due; `nil` if no call is needed.
    var nextWake: PoolTime? { parts.showsProgress ? watch.due : nextLog }

    /// Shows the progress if it is due, or if SIGUSR1 has asked for it.
    ///
    /// Call this function at the end of each turn of the loop. `isEnding` is true once a signal or an
    /// `EarlyEnd` ends the run. `isDraining` is true after the last turn, while the last records wait to be
    /// written.
    func look(at now: PoolTime, isEnding: Bool, isDraining: Bool = false) {
        watch.noteTurn(
            done: context.state.sink.summary.records,
            bytes: context.state.sink.summary.bodyBytes,
            at: now
        )
        let isAsked = parts.isAsked()
        let isLogged = nextLog.map { now >= $0 } ?? false
        // The progress is also noted between two lines of a log, so that the next rate is more exact.
        guard isAsked || isLogged || now >= watch.due, isAsked || parts.isWatched else { return }
        let progress = watch.note(count(at: now, isEnding, isDraining), at: now)
        if parts.showsProgress { show(progress) }
        guard isAsked || isLogged else { return }
        parts.console.say(LogEntry(progress))
        if isAsked || settings.isVerbose {
            let table = WorkerTable(workers)
            for (worker, line) in zip(table.workers, table.lines) {
                parts.console.say(LogEntry(worker, line))
            }
        }
        nextLog = parts.logInterval.map { now + $0 }
    }

    /// Removes the progress display.
    func end() {
        if parts.showsProgress { parts.console.show(nil) }
    }

    private func show(_ progress: RunProgress) {
        let display = ProgressDisplay(progress: progress, workers: settings.isVerbose ? workers : [])
        parts.console.show { display.lines(on: $0, style: $1) }
    }

    // MARK: Counting

    private func count(at now: PoolTime, _ isEnding: Bool, _ isDraining: Bool) -> RunProgress {
        let summary = context.state.sink.summary
        var progress = RunProgress()
        (progress.done, progress.failures, progress.bytes) = (
            summary.records, summary.failures, summary.bodyBytes
        )
        let counted = summary.classes.filter { $0.key.outcomeOfFetch.isGood == false }
        if let most = counted.max(by: { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }) {
            progress.leading = (most.key.rawValue, most.value)
        }
        progress.passed = context.state.passed
        progress.extent = extent(done: summary.records, passed: progress.passed)
        var load = load(at: now, isEnding: isEnding)
        if isDraining { (load.isEnding, load.isOutputFull) = (false, true) }
        progress.limit = load.limit
        return progress
    }

    private func extent(done: Int, passed: Int) -> RunProgress.Extent {
        if context.port.input.isFinished { return .total(context.state.inputsRead) }
        if let total = parts.totalLines() { return .total(total) }
        guard settings.inputLimit == nil, context.state.inputsRead > 0,
            let read = parts.inputMeter?.share(at: context.state.inputPosition)
        else { return .unknown }
        return .estimated(read: read, done: done, tasksRead: context.state.inputsRead, passed: passed)
    }

    private func load(at now: PoolTime, isEnding: Bool) -> RunLoad {
        var load = RunLoad()
        load.fetching = use(of: pools.fetching)
        load.processing = pools.processing.map(use(of:))
        load.onlyFetches = settings.workerCommands.isEmpty
        if let processing {
            load.waitingResponses = processing.waitingCount
            load.isSpoolFull =
                !(context.spool?.hasRoom(inFlight: context.state.fetchesInFlight) ?? true)
        }
        load.isOutputFull = context.port.output.isFull
        load.isInputRead = context.port.input.isFinished
        load.isFrontierEmpty = context.state.isEmpty
        load.isInputAwaited = context.state.wantsInput && context.port.input.isEmpty
        load.host = hostLimit(at: now).map(RunLoad.Host.init)
        load.isEnding = isEnding
        return load
    }

    private func use(of pool: Int) -> RunLoad.Pool {
        let use = loop.use(of: pool)
        return RunLoad.Pool(
            isReady: loop.hasHeard(from: pool) && !use.isStarting,
            workers: use.workers,
            busy: use.busy,
            inFlight: use.inFlight,
            isFull: use.isFull,
            longest: loop.longestInHand(of: pool)
        )
    }

    private func hostLimit(at now: PoolTime) -> HostLimit? {
        if let host, now < host.time + Self.hostInterval {
            // No host delays the run if a fetch may begin, or if no task waits.
            return context.state.frontier.hasTurns || context.state.frontier.isEmpty ? nil : host.limit
        }
        let limit = context.state.frontier.limit(at: now)
        host = (limit, now)
        return limit
    }

    // MARK: Workers

    private var workers: [WorkerStatus] {
        let fetchers = loop.workers(of: pools.fetching).map { status($0, "fetcher") }
        return fetchers
            + (pools.processing.map { loop.workers(of: $0).map { status($0, "processor") } } ?? [])
    }

    private func status(_ use: WorkerUse, _ role: String) -> WorkerStatus {
        var status = WorkerStatus(role: role, number: use.worker.slot, pid: use.pid, isReady: use.isReady)
        (status.inFlight, status.done, status.restarts) = (use.inFlight, use.done, use.restarts)
        (status.memoryKB, status.taskTime) = (use.memoryKB, use.nanoseconds)
        status.task = use.token.flatMap { context.state.shownURL(of: $0) }
        return status
    }
}

extension RunLoad.Host {
    fileprivate init(_ limit: HostLimit) {
        self.init(name: limit.host.description, inFlight: limit.inFlight, wait: limit.nanoseconds)
        (rate, isSilent, others) = (limit.rate, limit.isSilent, limit.others)
        retries = limit.isRetry ? limit.tasks : nil
    }
}
