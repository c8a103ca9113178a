// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Frontier
import Platform
import PoolWire
import ProcessPool

// What the pools ask for and say.

extension RunCoordinator: PoolClient {
    func addPools() {
        var fetching = PoolOptions(workers: parts.fetchWorkers)
        fetching.commands = parts.fetchCommands.count
        // A coordinator above is told at once whether there is anybody to work for it; else workers start as work comes.
        fetching.startsAll = settings.isSupervised
        fetching.seed = parts.seed &+ 1
        fetching.startDeadline = PoolTime.Milliseconds(settings.startDeadline.wholeMilliseconds)
        // The spool is written by our own fetch workers alone.
        fetching.heedsFullSpool = settings.workerCommands.isEmpty
        fetching.trustedNames = ["fetchpool", "fetchpool-fetch"]
        fetching.crashRetries = settings.crashRetries
        // What waits in a worker would be asked of its host although that may have to be left alone meanwhile.
        fetching.sendsAhead = duties != nil || !settings.hostRules.limitsHosts
        fetching.waitsForAffinity = duties != nil || settings.hostRules.rate == nil
        if !settings.workerCommands.isEmpty { limitWorkers(&fetching) }
        fetchPool = loop.addPool(fetching, commands: parts.fetchCommands)
        if !settings.workerCommands.isEmpty { beginSilenceHint(for: fetchPool, parts.fetchCommands) }
        guard let command = parts.processCommand else { return }
        var processing = PoolOptions(workers: settings.processorCount)
        processing.startsAll = settings.isSupervised
        processing.seqOffset = 1
        processing.seed = parts.seed &+ 2
        processing.startDeadline = fetching.startDeadline
        processing.crashRetries = settings.crashRetries
        processing.keepsSpare = true
        limitWorkers(&processing)
        let pool = loop.addPool(processing, commands: [command])
        processPool = pool
        if case .command = settings.processing { beginSilenceHint(for: pool, [command]) }
        spool = parts.spool
    }

    private func beginSilenceHint(for pool: Int, _ commands: [WorkerCommand]) {
        guard !settings.isQuiet, !settings.isSupervised else { return }
        silenceHint = SilenceHint(pool: pool, commands)
    }

    /// The limits of a worker that runs more than our own fetching.
    private func limitWorkers(_ options: inout PoolOptions) {
        options.taskDeadline = PoolTime.Milliseconds(settings.taskDeadline.wholeMilliseconds)
        options.tasksPerLife = settings.tasksPerWorker
        options.memoryLimitKB = settings.workerMemoryBytes.map { $0 / 1_024 }
    }

    func nextTask(for pool: Int) -> PoolTask? {
        if processes, pool == processPool {
            // Results may be larger than what waits to be processed: whatever the spool holds, they must not pile up here.
            guard !parts.output.isFull else { return nil }
            return waiting.popFirst().map { PoolTask(token: $0, mayRepeat: true, bound: processingBound) }
        }
        return nextFetch()
    }

    private var processingBound: PoolTime.Milliseconds {
        PoolTime.Milliseconds(settings.timeOfProcessing)
    }

    func expectedTasks(of pool: Int) -> Int {
        // Every response may have to be processed, and some workers take long to start.
        pool == processPool ? state.fetchesInFlight : 0
    }

    func writeInit(for worker: WorkerID, of pool: Int, into writer: inout JSONWriter) {
        var config = JSONWriter()
        if pool == processPool {
            config.raw(processingConfig)
        } else {
            var fetch = settings.fetch
            fetch.workerNumber = worker.life
            fetch.spoolDirectory = spool?.directory.path
            if let spool { fetch.segmentBytes = spool.segmentBytes(workers: parts.fetchWorkers) }
            fetch.wantsResponses = settings.processes
            if !settings.workerCommands.isEmpty { fetch.memoryBytes = settings.workerMemoryBytes }
            fetch.write(into: &config)
        }
        writer.writeInit(config: config.bytes)
    }

    /// The settings of a processing worker.
    var processingConfig: [UInt8] {
        var config = JSONWriter()
        config.beginObject()
        if case .bundled(let name) = settings.processing {
            config.name("processor")
            config.string(name)
        }
        if let limit = settings.workerMemoryBytes {
            config.name("memory_bytes")
            config.integer(limit)
        }
        config.endObject()
        return config.bytes
    }

    func writeTask(_ token: Int, seq: Int, attempt: Int, to worker: WorkerView, into writer: inout JSONWriter)
    {
        guard processes, worker.pool == processPool, let fetched = state.items[token]?.fetched else {
            return state.writeTask(token, seq: seq, into: &writer)
        }
        processingTimes.send(token, at: loop.now)
        let response = responseForProcessing(fetched)
        state.writeTask(token, seq: seq, attempt: attempt, response: response, into: &writer)
    }

    func noted(_ note: WorkerNote, of worker: WorkerView) {
        let name = "\(worker.pool == processPool ? "processor" : "fetcher") \(worker.id.slot)"
        switch note {
        case .started: tell(name, "pid \(worker.pid) started")
        case .ended(let exit):
            if worker.pool == fetchPool { spool?.workerEnded(worker.id.life) }
            if worker.pool == processPool { processingTimes.end(of: worker, at: loop.now) }
            if exit != WorkerExit() { tell(name, "pid \(worker.pid) ended: \(Self.describe(exit))") }
        case .beat(let beat):
            guard worker.pool == fetchPool, settings.workerCommands.isEmpty,
                let broken = spool?.heed(beat, of: worker.id.life, at: loop.now)
            else { return }
            fail(broken)
        case .errorLine(let line): tell(name, line)
        case .strayAnswer(let seq):
            state.sink.countUnusableLine()
            tell(name, "answered task \(seq), which it does not have; ignored")
        case .unusableLine(let shown, let reason):
            state.sink.countUnusableLine()
            guard !settings.isQuiet, notes.admit(name, at: loop.now).isShown else { return }
            parts.console.say("\(name): unusable line on stdout, \(reason): '\(shown)'")
        }
    }

    func poolEnded(_ pool: Int, _ end: PoolEnd) {
        endedPools.insert(pool)
        needTurn()
        guard case .cannotStart(let worker, let exit) = end else { return }
        let commands = pool == processPool ? [parts.processCommand].compactMap(\.self) : parts.fetchCommands
        let name = commands[worker.slot % commands.count].shownName
        let words = exit.errorTail.isEmpty ? " nothing" : exit.errorTail.map { "\n  " + $0 }.joined()
        fail(
            .cannotStart(
                "workers cannot start; '\(name)' ended with \(Self.describe(exit)) and said:\(words)"
            )
        )
        cancelUnbegun(Self.cancelled(by: exit))
    }

    /// The end of what was not begun because no worker can be started.
    static func cancelled(by exit: WorkerExit) -> RecordSink.Ending {
        var ending = RecordSink.Ending.cancelled
        let last = exit.errorTail.last.map { ": \($0)" } ?? ""
        ending.error = TaskError(
            .cancelled,
            "workers cannot start; the last ended with \(describe(exit))\(last)"
        )
        return ending
    }

    /// Shows what a worker does, where the user asked for it.
    private func tell(_ name: String, _ text: String) {
        guard settings.isVerbose else { return }
        let (isShown, heldBack) = notes.admit(name, at: loop.now)
        if heldBack > 0 { parts.console.say("\(name) | (\(heldBack) more lines)") }
        if isShown { parts.console.say("\(name) | \(text)") }
    }

    static func describe(_ exit: WorkerExit) -> String {
        exit.signal.map(SignalName.of) ?? "exit status \(exit.status)"
    }

    /// The response as its processing worker gets it: with a path in place of the segment's name.
    private func responseForProcessing(_ fetched: RunItem.Fetched) -> [UInt8] {
        guard let range = fetched.answer.response else { return Array("{}".utf8) }
        let line = fetched.line
        guard case .spooled(let segment, _, _, let member) = fetched.answer.body, let spool else {
            return Array(line[range])
        }
        var path = JSONWriter()
        path.name("body_path")
        path.string(spool.directory.file(of: segment))
        return line[range.lowerBound..<member.lowerBound] + path.bytes
            + line[member.upperBound..<range.upperBound]
    }
}
