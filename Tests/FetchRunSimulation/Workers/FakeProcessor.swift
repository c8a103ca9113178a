// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import Platform
import PoolWire
import ProcessPool
import SimulationSupport

/// A simulated processing worker, which processes one response after another.
final class FakeProcessor: FakeProgram {
    private struct Job {
        let seq: Int
        let line: Int
        var behavior = Behavior.work
    }

    private var jobs: [Job] = []
    private var isWorking = false

    override var hello: Hello { Hello(pid: Int(process.pid), isSelfLimiting: process.pid % 2 == 0) }

    override var beat: Beat { Beat(rssKB: process.residentKB, hwmKB: process.residentKB) }

    override var isIdle: Bool { jobs.isEmpty }

    override var reads: Bool { isBooted && !(nature.readsSeldom && isWorking) }

    override func receive(_ message: CoordinatorMessage, _ text: [UInt8], _ line: Int) {
        switch message {
        case .task(let sent):
            jobs.append(Job(seq: sent.seq, line: line))
            if !world.ledger.hasEnded(line) { checkBody(of: sent, in: text, line) }
            beginWork()
        case .recall(let max): giveBack(max)
        case .drain: drain()
        case .initialize, .cancel, .confirm, .cookies, .unknown: break
        }
    }

    /// Checks that the response and its body belong to the line of the task.
    private func checkBody(of sent: CoordinatorMessage.Assignment, in text: [UInt8], _ index: Int) {
        guard let range = sent.response, let response = try? Response(reading: range, of: text.span) else {
            world.fail("\(process.name) gets line \(index) without a response that can be read")
        }
        world.require(
            response.url == "http://final.test/\(index)",
            "line \(index) is processed with the response of \(response.url)"
        )
        switch response.body {
        case .inline(let bytes):
            world.require(
                bytes == FakeBody.text(index, bytes.count),
                "line \(index) is processed with the body of another line"
            )
        case .file(let path, let offset): world.spool.check(path, offset, response.bytes, of: index)
        case .segment(let name, _):
            world.fail("line \(index) is processed with the segment name \(name) instead of a path")
        }
    }

    private func giveBack(_ max: Int) {
        guard !nature.keepsWhatItHas, !jobs.isEmpty else { return }
        for job in jobs.dropFirst().suffix(max).reversed() {
            jobs.removeAll { $0.seq == job.seq }
            process.finished(job.seq)
            world.tally.note(.recalled)
            write { $0.writeReturned(seq: job.seq) }
        }
    }

    override func beginWork() {
        guard isReady, !isWorking, !process.isDead, !jobs.isEmpty else { return }
        isWorking = true
        let plan = world.plan(jobs[0].line)
        if world.ledger.processedBefore(jobs[0].line, by: process) < plan.relapses {
            jobs[0].behavior = plan.processing
        }
        let job = jobs[0]
        switch job.behavior {
        case .dieOnReading: die(over: job, WorkerExit(signal: 11))
        case .dieHalfway: schedule(plan.nanoseconds / 2) { $0.die(over: job, WorkerExit(signal: 6)) }
        case .leave: schedule(plan.nanoseconds / 2) { $0.die(over: job, WorkerExit()) }
        case .outgrow:
            world.tally.note(job.behavior)
            process.residentKB = 100_000
            // The worker never finishes the task. Without a memory limit, the task may exceed its time
            // limit.
            if world.scenario.settings.workerMemoryBytes == nil { world.ledger.isLost(job.line) }
        case .hang, .freeze:
            world.ledger.hangs(job.line, in: process, isFrozen: job.behavior == .freeze)
            isFrozen = isFrozen || job.behavior == .freeze
        case .closeOutput:
            world.tally.note(job.behavior)
            process.closeOutputEarly()
        default: schedule(plan.nanoseconds) { $0.finish() }
        }
    }

    private func schedule(_ nanoseconds: Int, _ step: @escaping (FakeProcessor) -> Void) {
        process.later(nanoseconds) { process in
            if let program = process.program as? FakeProcessor { step(program) }
        }
    }

    private func die(over job: Job, _ exit: WorkerExit) {
        world.tally.note(job.behavior)
        process.say("dying over line \(job.line)")
        process.die(exit)
    }

    private func finish() {
        let job = jobs.removeFirst()
        isWorking = false
        if job.behavior != .work { world.tally.note(job.behavior) }
        switch job.behavior {
        case .dieInResult:
            process.write(Array(#"{"t":"result","seq":\#(job.seq),"result":{"li"#.utf8))
            return process.die(WorkerExit(signal: 11))
        case .babble:
            world.ledger.lies(job.line)
            process.finished(job.seq)
            write(text: #"{"seq":\#(job.seq),"result":NaN}"#)
        case .badText:
            world.ledger.lies(job.line)
            process.finished(job.seq)
            process.write(Array(#"{"seq":\#(job.seq),"result":""#.utf8) + [0xFF, 0x22, 0x7D, 0x0A])
        case .chatter:
            for count in 1...12 { write(text: "parsed \(count) %") }
            sendResult(of: job)
        case .dieAfterResult:
            sendResult(of: job)
            return process.die(WorkerExit(status: 3))
        default: sendResult(of: job)
        }
        process.takeInput()
        beginWork()
        leaveIfDone()
    }

    private func sendResult(of job: Job) {
        process.finished(job.seq)
        for _ in 0..<(nature.repeatsResults && random.oneIn(8) ? 2 : 1) {
            write { writer in
                writer.writeResultMessage(seq: job.seq) { writer in
                    switch job.behavior {
                    case .sayNothing: world.ledger.lies(job.line)
                    case .reportError: writer.error(class: "x", message: "line \(job.line)", retryable: false)
                    default: writer.result(of: job.line)
                    }
                }
            }
        }
    }
}
