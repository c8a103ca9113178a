// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import PoolWire
import ProcessPool
import SimulationSupport

/// The history of each input line, as the parts of `RunWorld` report it, and the rules for the run.
final class RunLedger {
    /// The history of one line.
    struct Line {
        var fetchesSent = 0
        var fetchesBegun = 0
        var processingSent = 0
        var processingBegun = 0
        /// The number of fetch workers that died while they had the line, or to which the line was sent after
        /// their death.
        var fetchDeaths = 0
        /// The number of processing workers that died while the line was their oldest task, or to which the
        /// line was sent after their death as their only task.
        var processDeaths = 0
        /// True if the line may have the outcome `timeout`, for example because its worker hangs.
        var mayBeLate = false
        /// True if a worker may have sent an unusable result for the line.
        var mayBeBroken = false
        /// The last body that a worker has sent for the line, or the place of this body in the spool; `nil`
        /// if there is none.
        var body: Response.Body?
        var bodyBytes = 0
        /// The process id of the worker to which the line was last sent; -1 if it was not sent.
        var holder: Int32 = -1
        var outcome: Outcome?
        /// The network's response or error for the last request; `nil` if there was no request.
        var met: PlannedResult?
        /// The time at which the line was added to the input, in nanoseconds.
        var handedAt = 0
    }

    /// The history of one host.
    struct Host {
        /// The errors from `VirtualNetwork.faults` that requests to the host have had.
        var faults: Set<ErrorClass> = []
        /// The time of the first request with an error from `VirtualNetwork.faults`, in nanoseconds; `nil` if
        /// there was none.
        var firstFault: Int?
        /// True after a line has ended because the host was given up.
        ///
        /// The value is false again after a request to the host without an error from
        /// `VirtualNetwork.faults`.
        var wasGivenUp = false
    }

    unowned let world: RunWorld
    var lines: [Line] = []
    var hosts = [Host](repeating: Host(), count: 8)
    var records = 0
    /// The index of the line of the last record; -1 before the first record.
    var lastRecorded = -1
    private var expected = 0
    private var isInterrupted = false
    private var hasInputBroken = false
    private(set) var isOver = false
    private var stuck: Set<Int32> = []
    /// The number of bytes in bodies of lines that have no record yet.
    var waitingBytes = 0
    /// The number of lines that were sent to a fetch worker for the first time, in this turn of the loop.
    private var firstFetches = 0
    /// True if the output was full before the turn, and at each `passTime` since then.
    private var wasFull = false
    /// The number of lines that were sent to a fetch worker and have neither a body nor a record.
    ///
    /// The number is updated at the end of each turn in which a line was sent for the first time.
    private var expectedBodies = 0
    /// The value of `waitingBytes` at the end of the last turn in which a line was sent for the first time.
    private var bytesAtLastFetch = 0
    /// True after a fetch worker has died or failed to start.
    private var hasLostFetcher = false
    /// True after a worker without a pidfd has died.
    var hasDiedUnnoticed = false
    private var lastSeqs: [Int] = [1]
    var framer = LineFramer(maxLineBytes: 1 << 24)
    var session = Session()

    init(_ world: RunWorld) { self.world = world }

    var settings: RunSettings { world.scenario.settings }

    // MARK: Input and output

    func handed(upTo end: Int) {
        while lines.count < end {
            if world.plan(lines.count).hasRecord { expected += 1 }
            var line = Line()
            line.handedAt = world.real
            lines.append(line)
        }
    }

    func interrupted() { isInterrupted = true }

    func inputBroke() {
        hasInputBroken = true
        world.tally.note(.brokenInput)
    }

    var missing: Int { expected - records }

    /// False if `isUndisturbed` is false, or if `failureLimit` or `deadline` may have ended the run before
    /// all tasks were done.
    var isOrderly: Bool { isUndisturbed && settings.failureLimit == nil && settings.deadline == nil }

    /// False if a signal, a failure of the input or of the output, or a cause of `hasFailed` may have ended
    /// the run before all tasks were done.
    private var isUndisturbed: Bool {
        !isInterrupted && !hasInputBroken && world.output.failure == nil && !hasFailed
    }

    /// True if the run has read all input, and each line with `LinePlan.hasRecord` has a record whose outcome
    /// is not `cancelled`.
    private var isComplete: Bool {
        guard lines.count == world.input.count, world.input.queue.isFinished else { return false }
        return lines.indices.allSatisfy { index in
            guard let outcome = lines[index].outcome else { return !world.plan(index).hasRecord }
            return outcome != .cancelled
        }
    }

    /// True if the run may fail because no worker of a pool can start, or because the spool has no space.
    private var hasFailed: Bool {
        world.scenario.cannotFetch || world.scenario.cannotProcess || world.scenario.room == .none
    }

    // MARK: Workers

    /// Records that a task was sent to a worker, alive or dead; returns the index of the task's line.
    func sent(_ sent: CoordinatorMessage.Assignment, in text: [UInt8], to process: FakeProcess) -> Int {
        let index = line(of: sent, in: text)
        world.require(
            process.isFetcher == (sent.response == nil),
            "line \(index) goes to a worker of the wrong kind, \(process.name)"
        )
        lastSeqs.append(sent.seq)
        lines[index].holder = process.pid
        if sent.response != nil {
            noteProcessing(index, attempt: sent.attempt)
        } else {
            world.require(
                lines[index].processingSent == 0,
                "line \(index) is fetched again after it was processed"
            )
            world.require(
                lines[index].fetchesBegun == 0 || mayBeginAgain(index),
                "line \(index) may not be repeated, was begun, and is sent again"
            )
            if lines[index].fetchesSent == 0 { firstFetches += 1 } else { world.tally.note(.refetched) }
            lines[index].fetchesSent += 1
            if settings.fetch.keepsCookies { checkCookies(of: index, in: process) }
        }
        world.require(
            lines[index].outcome == nil,
            "line \(index) has its record and is sent to \(process.name)"
        )
        return index
    }

    private func noteProcessing(_ index: Int, attempt: Int) {
        world.require(lines[index].body != nil, "line \(index) is processed without a response")
        let deaths = lines[index].processDeaths
        world.require(
            attempt <= deaths + 1 && attempt <= settings.crashRetries + 1,
            "line \(index) is processed at attempt \(attempt) after \(deaths) deaths"
        )
        if attempt > 1 { world.tally.note(.retriedProcessing) }
        lines[index].processingSent += 1
    }

    func line(of sent: CoordinatorMessage.Assignment, in text: [UInt8]) -> Int {
        let task = JSONValue(kind: .object, range: sent.task)
        guard let url = try? text.span.member("url", of: task),
            let index = LinePlan.index(inURL: text.span.extracting(url.inside)), index < lines.count
        else {
            world.fail("a sent task is no input line: '\(String(decoding: text, as: UTF8.self))'")
        }
        return index
    }

    /// Records that a worker begins to fetch a line; returns the number of times that a worker began to fetch
    /// it before.
    func begunBefore(_ line: Int, by process: FakeProcess) -> Int {
        lines[line].fetchesBegun += 1
        world.tell("\(process.name) begins line \(line)")
        world.require(
            lines[line].fetchesBegun == 1 || mayBeginAgain(line),
            "line \(line) may not be repeated and is begun a second time"
        )
        return lines[line].fetchesBegun - 1
    }

    /// Returns true if a fetch that was begun may be begun again: the request may be repeated, or was not
    /// sent because the host could not be reached.
    private func mayBeginAgain(_ line: Int) -> Bool {
        if world.plan(line).mayRepeat { return true }
        return lines[line].met == .fault(.connect) || lines[line].met == .fault(.dns)
    }

    /// Records the network's response or error for a request.
    func met(_ result: PlannedResult, on line: Int) {
        lines[line].met = result
        let host = world.plan(line).host
        if case .fault(let fault) = result, VirtualNetwork.faults.contains(fault) {
            hosts[host].faults.insert(fault)
            hosts[host].firstFault = hosts[host].firstFault ?? world.real
        } else if hosts[host].wasGivenUp {
            world.tally.note(.cameBack)
            hosts[host].wasGivenUp = false
        }
    }

    /// Records that a worker begins to process a line; returns the number of times that a worker began to
    /// process it before.
    func processedBefore(_ line: Int, by process: FakeProcess) -> Int {
        lines[line].processingBegun += 1
        return lines[line].processingBegun - 1
    }

    func hasEnded(_ line: Int) -> Bool { lines[line].outcome != nil }

    func hangs(_ line: Int, in process: FakeProcess, isFrozen: Bool) {
        world.tally.note(isFrozen ? .freeze : .hang)
        lines[line].mayBeLate = true
        stuck.insert(process.pid)
    }

    func noise(_ text: String, from process: FakeProcess) { world.tally.note(.noise) }

    /// Records that the worker of the line may exceed `RunSettings.taskDeadline`.
    func isLost(_ line: Int) { lines[line].mayBeLate = true }

    func lies(_ line: Int) { lines[line].mayBeBroken = true }

    /// Returns a sequence number that no unfinished task of the worker has.
    func foreignNumber(to process: FakeProcess, _ random: inout SeededGenerator) -> Int {
        world.tally.note(.foreignResult)
        let seq = random.pick(lastSeqs)
        return process.unfinished.contains { $0.seq == seq } ? 1 : seq
    }

    func announced(_ line: Int, _ bytes: Int, _ body: Response.Body) {
        guard lines[line].outcome == nil else { return }
        if lines[line].body != nil { waitingBytes -= lines[line].bodyBytes }
        (lines[line].body, lines[line].bodyBytes) = (body, bytes)
        waitingBytes += bytes
    }

    func died(_ process: FakeProcess) {
        if process.isFetcher { hasLostFetcher = true }
        if !process.nature.hasPidfd { hasDiedUnnoticed = true }
        for sent in process.unfinished {
            noteDeath(sent, process, isOldest: sent.seq == process.unfinished[0].seq)
        }
    }

    /// Records that a fetch worker failed to start; the pool may have taken a task for this worker.
    func lacksFetcher() { hasLostFetcher = true }

    /// Records that the last task of a worker was sent after the worker's death.
    func sentToTheDead(_ process: FakeProcess) {
        guard let last = process.unfinished.last else { return }
        noteDeath(last, process, isOldest: process.unfinished.count == 1)
    }

    private func noteDeath(_ sent: FakeProcess.Sent, _ process: FakeProcess, isOldest: Bool) {
        if !sent.isProcessing { lines[sent.line].fetchDeaths += 1 }
        if sent.isProcessing, isOldest { lines[sent.line].processDeaths += 1 }
        if stuck.contains(process.pid) || process.nature.boot == .hangs || process.isStuck {
            lines[sent.line].mayBeLate = true
        }
    }

    // MARK: Spool

    func removed(_ segment: SegmentName) { world.tally.note(.segmentRemoved) }

    /// Returns true if the body of the line is in the segment, and the run certainly still needs the body.
    func needs(_ segment: SegmentName, for line: Int) -> Bool {
        // In a run that keeps the order, a record may wait after the end of its task. So the body of a line
        // without a record may be useless already. After a failure of the output, no body is needed.
        guard lines[line].outcome == nil, !settings.keepsOrder, world.output.failure == nil else {
            return false
        }
        if case .segment(segment, _)? = lines[line].body { return true }
        return false
    }

    // MARK: Rules

    /// Prepares the rules for the turn of the loop that begins now.
    func beginTurn() { wasFull = world.output.isFull }

    /// Notes that time has passed within the turn, so that the output may no longer be full.
    func passTime() { wasFull = wasFull && world.output.isFull }

    /// Checks the rules at the end of a turn.
    ///
    /// At that time, the run has handled the messages that workers wrote before the turn. In a scenario with
    /// `isTorn`, some of these messages may be unread, because the run reads the output in small pieces.
    func checkTurn() {
        world.spool.checkTurn()
        if world.output.isFull { world.tally.note(.outputFull) }
        defer { firstFetches = 0 }
        // While the output is full, up to `late` lines may be sent for the first time. The run took their
        // tasks before the output was full. The worker for these tasks died, failed to start, or had to retry
        // a task alone, so the tasks later go to a different worker. In a run that keeps cookies, the tasks
        // of a site stay with one worker, so any number of tasks may wait for this worker.
        let room = world.scenario.fetching == .sequential ? 1 : 2 * settings.fetch.concurrency
        let late =
            settings.fetch.keepsCookies ? lines.count : hasLostFetcher ? settings.fetcherPlaces * room : 0
        world.require(
            !wasFull || firstFetches <= late,
            "\(firstFetches) fetches are sent while the output is full"
        )
        if firstFetches > 0 {
            expectedBodies = lines.count { $0.fetchesSent > 0 && $0.body == nil && $0.outcome == nil }
            bytesAtLastFetch = waitingBytes
        }
        guard let limit = settings.spoolLimit else { return }
        if waitingBytes > limit { world.tally.note(.spoolAtLimit) }
        guard !world.scenario.isTorn, !settings.keepsOrder, waitingBytes > limit else { return }
        // The run estimates the size of each body from earlier bodies, but a body may be larger. When a late
        // fetch is sent, more bytes than the limit may already wait.
        let most = max(limit, late > 0 ? bytesAtLastFetch : 0) + expectedBodies * RunScenario.largestBody
        world.require(waitingBytes <= most, "\(waitingBytes) bytes wait, the limit is \(limit)")
        world.require(
            firstFetches <= late,
            "\(firstFetches) fetches are sent while \(waitingBytes) bytes wait and the limit is \(limit)"
        )
    }

    // MARK: The end

    func checkEnd(_ result: RunResult, _ signals: SignalWatch.Signals) {
        isOver = true
        world.require(framer.finish() == nil, "the last record is incomplete")
        for index in lines.indices where lines[index].outcome == nil && world.output.failure == nil {
            let plan = world.plan(index)
            guard plan.hasRecord, isOrderly || lines[index].fetchesSent > 0 else { continue }
            world.fail("line \(index) has no record: \(lines[index]), \(plan)")
        }
        let endedEarly = [5, 6].contains(result.exitStatus)
        world.require(
            !isUndisturbed || endedEarly != isComplete,
            "the exit status is \(result.exitStatus), and the run is \(isComplete ? "" : "not ")complete"
        )
        let expected = expectedStatus(result, signals)
        world.require(
            expected.contains(result.exitStatus),
            "exit status \(result.exitStatus), not \(expected)"
        )
    }

    private func expectedStatus(_ result: RunResult, _ signals: SignalWatch.Signals) -> [Int32] {
        let isGood = lines.allSatisfy { $0.outcome?.isGood ?? true }
        var all: [Int32] = []
        if let failure = world.output.failure { all.append(failure.exitStatus) }
        if hasInputBroken || world.scenario.room == .none { all.append(3) }
        if world.scenario.cannotFetch || world.scenario.cannotProcess { all.append(4) }
        if signals.count > 0 { all.append(128 + signals.first) }
        if settings.failureLimit != nil { all.append(5) }
        if settings.deadline != nil { all.append(6) }
        // Each of these causes may have had no effect on the status, for example because it came too late. So
        // the status of a run without these causes is allowed too.
        return all + [isGood ? 0 : 1]
    }
}

extension RunSettings {
    /// The number of workers that fetch, or fetch and process.
    fileprivate var fetcherPlaces: Int { (processing == nil ? workers : fetchers) ?? 1 }
}
