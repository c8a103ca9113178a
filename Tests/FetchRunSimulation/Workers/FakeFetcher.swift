// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import Platform
import PoolWire
import ProcessPool
import SimulationSupport

/// A simulated fetch worker, which may have many requests in flight and stores bodies in its own segments.
///
/// In a scenario without the bundled fetch worker, this class simulates a user's program that fetches and
/// processes.
final class FakeFetcher: FakeProgram {
    /// A task that the worker has.
    struct Job {
        let seq: Int
        let line: Int
        var behavior = Behavior.work
        var result = PlannedResult.empty(status: 204)
    }

    private var settings = FetchSettings()
    private var waiting: [Job] = []
    private var inFlight: [Job] = []
    /// The fetched tasks whose results wait for space in the spool.
    private var held: [Job] = []
    private var isRetrying = false
    /// The sequence numbers of the tasks whose cookies were sent.
    private var handedOver: Set<Int> = []
    private(set) var segments = FakeSegments(worker: 0, maxBytes: 1)

    private var isOurs: Bool { world.scenario.fetching == .bundled }

    private var concurrency: Int {
        world.scenario.fetching == .sequential ? 1 : settings.concurrency
    }

    override var hello: Hello {
        let name = isOurs ? "fetchpool-fetch" : "theirs"
        return Hello(pid: Int(process.pid), name: name, concurrency: concurrency)
    }

    override var beat: Beat {
        var beat = Beat(rssKB: process.residentKB, inFlight: inFlight.count + held.count)
        if isOurs, settings.spoolDirectory != nil {
            (beat.segment, beat.isSpoolFull) = (segments.current, !held.isEmpty)
        }
        return beat
    }

    override func beatIsDue() {
        world.spool.cutOldBytes(of: segments.current)
        segments.leaveIfUnused()
    }

    override var isIdle: Bool { waiting.isEmpty && inFlight.isEmpty && held.isEmpty }

    override func receive(_ message: CoordinatorMessage, _ text: [UInt8], _ line: Int) {
        switch message {
        case .initialize(_, let config, _):
            if let config { try? settings.apply(config, of: text.span) }
            segments = FakeSegments(worker: settings.workerNumber, maxBytes: settings.segmentBytes)
        case .task(let sent):
            waiting.append(Job(seq: sent.seq, line: line))
            beginWork()
        case .recall(let max): giveBack(max)
        case .drain: drain()
        case .cancel, .confirm, .cookies, .unknown: break
        }
    }

    private func giveBack(_ max: Int) {
        guard !nature.keepsWhatItHas else { return }
        for job in waiting.suffix(max).reversed() {
            waiting.removeAll { $0.seq == job.seq }
            process.finished(job.seq)
            world.tally.note(.recalled)
            write { $0.writeReturned(seq: job.seq) }
        }
    }

    // MARK: Fetching

    /// True if the worker sends `start` before it begins a task that must not be repeated.
    private var saysWhatItBegins: Bool { isOurs || nature.saysStart }

    override var mayPromise: Bool {
        saysWhatItBegins || !inFlight.contains { !world.plan($0.line).mayRepeat }
    }

    override func beginWork() {
        // After `bye`, a worker that sends no `start` begins nothing.
        guard !hasSaidBye || saysWhatItBegins else { return }
        while isReady, !process.isDead, !process.hasClosedOutput, inFlight.count < concurrency,
            !waiting.isEmpty
        {
            begin(waiting.removeFirst())
        }
    }

    private func begin(_ waiting: Job) {
        var job = waiting
        let plan = world.plan(job.line)
        if isOurs ? !plan.mayRepeat : nature.saysStart { write { $0.writeStart(seq: job.seq) } }
        if world.ledger.begunBefore(job.line, by: process) < plan.relapses { job.behavior = plan.fetching }
        let (result, latency) = world.network.ask(plan, at: world.real, &random)
        job.result = result
        world.ledger.met(result, on: job.line)
        // A user's program must finish a task before the task deadline, but the response may take longer.
        if !isOurs, latency >= Int(world.scenario.settings.taskDeadline / .nanoseconds(1)) {
            world.ledger.isLost(job.line)
        }
        inFlight.append(job)
        switch job.behavior {
        case .dieOnReading: die(over: job, WorkerExit(signal: 11))
        case .dieHalfway:
            process.later(latency / 2) { ($0.program as? FakeFetcher)?.die(over: job, WorkerExit(signal: 6)) }
        case .leave:
            process.later(latency / 2) { ($0.program as? FakeFetcher)?.die(over: job, WorkerExit()) }
        case .hang, .freeze:
            world.ledger.hangs(job.line, in: process, isFrozen: job.behavior == .freeze)
            isFrozen = isFrozen || job.behavior == .freeze
        case .closeOutput:
            world.tally.note(job.behavior)
            process.closeOutputEarly()
        default: process.later(latency) { ($0.program as? FakeFetcher)?.finish(job) }
        }
    }

    private func die(over job: Job, _ exit: WorkerExit) {
        world.tally.note(job.behavior)
        process.say("dying over line \(job.line)")
        process.die(exit)
    }

    private func finish(_ job: Job) {
        guard !isFrozen else { return }
        inFlight.removeAll { $0.seq == job.seq }
        if job.behavior != .work { world.tally.note(job.behavior) }
        switch job.behavior {
        case .dieInResult:
            process.write(Array(#"{"t":"result","seq":\#(job.seq),"sta"#.utf8))
            return process.die(WorkerExit(signal: 11))
        case .babble, .badText, .namePath, .forgeField: spoil(job)
        case .chatter:
            for count in 1...12 { write(text: "stray line \(count)") }
            sendResult(of: job)
        case .sayNothing:
            world.ledger.lies(job.line)
            writeResultMessage(of: job) { _ in }
        case .nameOthersBody, .nameHugeBody: lie(job)
        case .dieAfterResult:
            sendResult(of: job)
            return process.die(WorkerExit(status: 3))
        default: sendResult(of: job)
        }
        beginWork()
        leaveIfDone()
    }

    /// Writes a line that is no valid result.
    private func spoil(_ job: Job) {
        world.ledger.lies(job.line)
        process.finished(job.seq)
        switch job.behavior {
        case .badText:
            process.write(Array(#"{"seq":\#(job.seq),"result":""#.utf8) + [0xC3, 0x28, 0x22, 0x7D, 0x0A])
        case .namePath:
            let response = #"{"status":200,"url":"u","bytes":5,"body_path":"/etc/passwd"}"#
            write(text: #"{"seq":\#(job.seq),"status":200,"response":\#(response)}"#)
        case .forgeField:
            let field = job.seq.isMultiple(of: 2) ? #""id":"forged""# : #""redirects":"1""#
            write(text: #"{"seq":\#(job.seq),"status":200,"fields":{\#(field)}}"#)
        default: write(text: #"{"seq":\#(job.seq),"fields":[]}"#)
        }
    }

    /// Sends a result that names a body in the segment of a different worker, or a body above the size limit.
    ///
    /// If the run wants no responses, the function sends a good result instead.
    private func lie(_ job: Job) {
        guard settings.wantsResponses else { return sendResult(of: job) }
        world.ledger.lies(job.line)
        var place = Response.Body.segment(
            SegmentName(worker: settings.workerNumber + 1, number: 0),
            offset: 0
        )
        var bytes = 10
        if job.behavior == .nameHugeBody {
            (place, bytes) = (.segment(segments.current, offset: 0), settings.maxBodyBytes + 1)
        }
        writeResultMessage(of: job) { writer in
            writer.name("status")
            writer.integer(200)
            self.write(self.response(of: job, bytes, place), into: &writer)
        }
    }

    // MARK: Results

    private func sendResult(of job: Job) {
        guard isOurs else { return sendTheirResult(of: job) }
        // After a beat has named a new segment, no result may name an older segment. A new segment may begin
        // when the body is stored, so the beat with the cookie is sent first.
        handOverCookie(of: job)
        var response: Response?
        if settings.wantsResponses, case .page(let bytes, let isInline) = job.result {
            guard let place = place(job, bytes, isInline) else { return hold(job) }
            response = self.response(of: job, bytes, place)
            if !process.hasClosedOutput { world.ledger.announced(job.line, bytes, place) }
        }
        writeResultMessage(of: job) { writer in
            self.writeResult(of: job, into: &writer)
            if let response { self.write(response, into: &writer) }
        }
        guard nature.repeatsResults, random.oneIn(8) else { return }
        write { $0.writeResultMessage(seq: job.seq) { self.writeResult(of: job, into: &$0) } }
    }

    private func writeResultMessage(of job: Job, _ members: (inout JSONWriter) -> Void) {
        process.finished(job.seq)
        write { $0.writeResultMessage(seq: job.seq, members) }
    }

    /// Sends the cookie of the task's line, once for each task, if the run keeps cookies.
    private func handOverCookie(of job: Job) {
        guard settings.keepsCookies, !process.hasClosedOutput, handedOver.insert(job.seq).inserted else {
            return
        }
        var beat = beat
        beat.cookies = [RunLedger.cookie(of: job.line)]
        write { $0.writeBeat(beat) }
        world.ledger.handedOver(job.line, by: process)
    }

    /// Returns an inline body, or stores the body in the spool and returns its place; `nil` if the spool has
    /// no space.
    private func place(_ job: Job, _ bytes: Int, _ isInline: Bool) -> Response.Body? {
        if isInline { return .inline(FakeBody.text(job.line, bytes)) }
        guard let (segment, offset) = world.spool.append(bytes, of: job.line, to: &segments) else {
            return nil
        }
        return .segment(segment, offset: offset)
    }

    /// A bundled fetch worker has one thread that writes, so it writes nothing while it is frozen.
    override func makeNoise() {
        guard !isOurs || !isFrozen else { return }
        super.makeNoise()
    }

    /// Keeps a task, and tries again every 100 ms to send its result, until the spool has space.
    private func hold(_ job: Job) {
        world.tally.note(.spoolFull)
        held.append(job)
        guard !isRetrying else { return }
        isRetrying = true
        sayBeat()
        process.later(100_000_000) { process in
            guard let program = process.program as? FakeFetcher, !program.isFrozen else { return }
            let jobs = program.held
            (program.held, program.isRetrying) = ([], false)
            for job in jobs { program.sendResult(of: job) }
            program.leaveIfDone()
        }
    }

    private func response(of job: Job, _ bytes: Int, _ place: Response.Body) -> Response {
        Response(
            status: 200,
            url: "http://final.test/\(job.line)",
            headers: [HeaderField(name: "content-type", value: "text/html; charset=utf-8")],
            contentType: "text/html; charset=utf-8",
            charset: "utf-8",
            bytes: bytes,
            body: place
        )
    }

    private func write(_ response: Response, into writer: inout JSONWriter) {
        writer.name("response")
        response.write(into: &writer)
    }

    private func writeResult(of job: Job, into writer: inout JSONWriter) {
        if let status = job.result.status {
            writer.name("status")
            writer.integer(status)
        }
        if case .fault(let errorClass) = job.result {
            let mayPass = VirtualNetwork.faults.contains(errorClass)
            writer.error(class: errorClass.rawValue, message: "line \(job.line)", retryable: mayPass)
        }
        writer.name("fields")
        writer.beginObject()
        if job.result.status != nil {
            writer.name("final_url")
            writer.string("http://final.test/\(job.line)")
            writer.name("http_version")
            writer.string(job.line.isMultiple(of: 3) ? "2" : "1.1")
        }
        writer.name("timing")
        writer.beginObject()
        writer.name("total_ms")
        writer.milliseconds(fromMicroseconds: 1_000 + job.line)
        writer.endObject()
        writer.endObject()
    }

    /// Writes the result of a user's program: the member `result`, the member `record` of a child
    /// coordinator, or the members of a fetch worker.
    private func sendTheirResult(of job: Job) {
        writeResultMessage(of: job) { writer in
            switch job.line % 3 {
            case 0: writer.result(of: job.line)
            case 1:
                writer.name("record")
                writer.beginObject()
                writer.name("outcome")
                writer.string("ok")
                writer.result(of: job.line)
                writer.endObject()
            default: self.writeResult(of: job, into: &writer)
            }
        }
    }
}

extension JSONWriter {
    /// Writes the member `result`, which names the line.
    mutating func result(of line: Int) {
        name("result")
        beginObject()
        name("line")
        integer(line)
        endObject()
    }
}
