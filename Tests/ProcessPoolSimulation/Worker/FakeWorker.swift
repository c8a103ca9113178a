// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import SimulationSupport

/// A worker process in miniature: it reads its tasks in order, works on them, and goes wrong as it and they are made to.
///
/// It knows nothing of its pool. What it does later it asks its world for, as steps; what it writes lies in a pipe until the
/// world reads it, also after its death. And it knows the truth of what it did, which its pool can only infer.
final class FakeWorker {
    /// What it does later.
    enum Step {
        case boot, turn, beat, noise, giveBack
        case finish(seq: Int)
        case outgrow(seq: Int)
        case die(WorkerExit, Cause)
    }

    /// What it truly died of.
    enum Cause: Equatable {
        /// The work on this task, or having written its answer.
        case deed(token: Int), answered(token: Int)
        /// A signal of its coordinator, one of somebody else, a failed start, or its own wish.
        case coordinator, outside, boot, itself
    }

    /// A task in its hands: sent, and neither answered nor given back in what it wrote.
    struct Job {
        let seq: Int
        let token: Int
        var deed = Deed.work
        var isBegun = false
        /// True if it was read, which is before it is begun or long before.
        var isRead = false
        /// Whether its answer was written, and is none.
        var isGarbled = false
    }

    let worker: WorkerID
    let nature: Nature
    private let plan: (Int) -> TaskPlan
    private(set) var pipe: [Line] = []
    private(set) var exit: WorkerExit?
    private(set) var cause: Cause?
    private(set) var isOutputClosed = false
    private(set) var isBooted = false
    private(set) var isFrozen = false
    private(set) var hasSaidBye = false
    /// Its tasks, in the order they were sent.
    private(set) var jobs: [Job] = []
    /// Tasks that it printed, in place of an answer, what is none, or text without end.
    private(set) var offenders: Set<Int> = []
    /// The answer that stands half in its pipe, without an end.
    private var torn: Int?
    /// Steps asked for, each with the nanoseconds until it is due; the world takes them.
    var steps: [(after: Int, step: Step)] = []
    /// Told when work on a task begins; returns how often that has happened before.
    var begins: (Int) -> Int = { _ in 0 }
    /// A number that this worker was not sent: one of another's, or nobody's.
    var foreignNumber: () -> Int = { 1 }
    private var begun = 0
    private var heldBeats = 0
    private var hasFlooded = false
    /// Tasks that it was asked for and has not given back.
    private var owed = 0
    private var isLeaving = false
    private var hasLeft = false
    private var random: SeededGenerator

    init(_ worker: WorkerID, _ nature: Nature, seed: UInt64, plan: @escaping (Int) -> TaskPlan) {
        (self.worker, self.nature, self.plan) = (worker, nature, plan)
        random = SeededGenerator(seed: seed)
        switch nature.boot {
        case .fails: ask(.die(nature.bootExit, .boot), after: nature.bootTime)
        case .good, .otherVersion: ask(.boot, after: nature.bootTime)
        case .hangs, .cannotSpawn: break
        }
        if let after = nature.leavesAfter { ask(.die(WorkerExit(), .itself), after: after) }
        if nature.isNoisy { ask(.noise, after: random.pick(0...(random.oneIn(3) ? 40_000_000 : 400_000))) }
    }

    var isDead: Bool { exit != nil }

    /// The task it works on, or will next.
    var oldest: Int? { jobs.first { !$0.isGarbled }?.token }

    /// Whether half a line stands without an end in its pipe.
    var isTorn: Bool { torn != nil }

    /// The tasks sent last of which it has read nothing.
    var unread: Int { jobs.reversed().prefix { !$0.isRead }.count }

    /// Takes what was written and not read.
    func read() -> [Line] {
        defer { pipe = [] }
        return pipe
    }

    // MARK: What its coordinator does

    /// The line lies in its input until its next turn.
    func send(seq: Int, token: Int) {
        jobs.append(Job(seq: seq, token: token, isRead: nature.readsEagerly && isAwake))
        if !isDead { ask(.turn, after: 8_000) }
    }

    func recall(max: Int) {
        guard isAwake, isBooted, !nature.keepsWhatItHas else { return }
        owed += max
        if nature.isSlowToReturn {
            ask(.giveBack, after: random.pick(0...2_000_000_000))
        } else {
            giveBackOwed()
        }
    }

    func drain() {
        guard isAwake, !nature.staysAfterDrain, isBooted else { return }
        isLeaving = true
        leaveIfDone()
    }

    func terminate() {
        guard !isDead, !nature.isStubborn else { return }
        if isAwake { giveBackOwed() }
        let exit = nature.exitsCleanly ? WorkerExit() : WorkerExit(signal: 15)
        ask(.die(exit, .coordinator), after: nature.timeToDie)
    }

    func die(_ exit: WorkerExit, of cause: Cause) {
        if self.exit == nil { (self.exit, self.cause) = (exit, cause) }
    }

    // MARK: What it does

    private var isAwake: Bool { !isDead && !isFrozen }

    func perform(_ step: Step) {
        if case .die(let exit, let cause) = step { return die(exit, of: cause) }
        guard isAwake else { return }
        switch step {
        case .boot: boot()
        case .turn: beginWork()
        case .beat:
            // It cannot be held for ever, for then the spool's bound would end the run.
            let isHeld = heldBeats < 2 && random.oneIn(8)
            heldBeats += isHeld ? 1 : 0
            write(.beat(isHeld: isHeld))
            ask(.beat, after: 1_000_000_000)
        case .noise: makeNoise()
        case .giveBack: giveBackOwed()
        case .finish(let seq): finish(seq)
        case .outgrow, .die: break
        }
    }

    private func boot() {
        guard nature.boot == .good else { return write(.otherVersion) }
        isBooted = true
        if random.oneIn(3) { readAll() }
        if !nature.isSilent { write(.hello) }
        if nature.beats { ask(.beat, after: 1_000_000_000) }
        beginWork()
    }

    private func giveBackOwed() {
        for job in jobs.reversed().filter({ !$0.isBegun }).prefix(owed) { giveBack(job.seq) }
        owed = 0
    }

    private func giveBack(_ seq: Int) {
        guard !isOutputClosed else { return }
        jobs.removeAll { $0.seq == seq }
        write(.returned(seq: seq))
    }

    private func readAll() {
        for index in jobs.indices { jobs[index].isRead = true }
    }

    private func beginWork() {
        guard isAwake, isBooted else { return }
        readAll()
        while begun < nature.concurrency, mayBegin, let next = jobs.firstIndex(where: { !$0.isBegun }) {
            begin(next)
        }
    }

    /// One that cannot say that it begins, or has said that it leaves, does not.
    private var mayBegin: Bool {
        isAwake && isBooted && !isOutputClosed && !hasLeft && (!hasSaidBye || nature.saysStart)
    }

    private func begin(_ index: Int) {
        let job = jobs[index]
        let plan = plan(job.token)
        if nature.saysStart, !nature.isTrusted || !plan.mayRepeat { write(.start(seq: job.seq)) }
        let deed = begins(job.token) < plan.relapses ? plan.deed : .work
        jobs[index].isBegun = true
        jobs[index].deed = deed
        begun += 1
        switch deed {
        case .dieOnReading: die(plan.exit, of: .deed(token: job.token))
        case .dieHalfway: ask(.die(plan.exit, .deed(token: job.token)), after: plan.nanoseconds / 2)
        case .hang(let isFrozen): self.isFrozen = isFrozen
        case .closeOutput: isOutputClosed = true
        case .leave: leave()
        case .outgrow: ask(.outgrow(seq: job.seq), after: plan.nanoseconds)
        case .work, .dieInAnswer, .dieAfterAnswer, .babble, .mumble, .chatter, .flood, .tear:
            ask(.finish(seq: job.seq), after: plan.nanoseconds)
        }
    }

    private func finish(_ seq: Int) {
        guard let index = jobs.firstIndex(where: { $0.seq == seq }), !hasLeft else { return }
        let job = jobs[index]
        switch job.deed {
        // Half of a line is no line, so nothing of it is read.
        case .dieInAnswer:
            torn = seq
            return die(plan(job.token).exit, of: .deed(token: job.token))
        case .babble, .mumble:
            // Of those that keep no order a line without a number is nobody's.
            let isNamed = job.deed == .babble || nature.concurrency > 1 || nature.isTrusted
            spoil(index, isNamed ? .spoilt(seq: seq) : .nameless)
        case .tear:
            torn = seq
            offenders.insert(job.token)
        case .chatter:
            for _ in 1...12 { write(.stray) }
            answer(index)
        case .flood:
            offenders.insert(job.token)
            for _ in 1...5 { write(.flood) }
            return
        case .dieAfterAnswer:
            answer(index)
            return die(plan(job.token).exit, of: .answered(token: job.token))
        default: answer(index)
        }
        begun -= 1
        beginWork()
        leaveIfDone()
    }

    /// An answer that goes down a closed pipe is none.
    private func answer(_ index: Int) {
        let seq = jobs[index].seq
        let isHeard = !isOutputClosed
        write(.answer(seq: seq))
        guard isHeard else { return }
        jobs.remove(at: index)
        if nature.answersTwice, random.oneIn(8) { write(.answer(seq: seq)) }
    }

    /// Prints an answer that is none; the task is done as far as the worker knows.
    private func spoil(_ index: Int, _ line: Line) {
        offenders.insert(jobs[index].token)
        write(line)
        jobs[index].isGarbled = true
    }

    private func leaveIfDone() {
        if isLeaving, jobs.isEmpty, isAwake { leave() }
    }

    private func leave() {
        hasLeft = true
        if nature.saysBye || !isLeaving, mayPromise { write(.bye) }
        ask(.die(WorkerExit(), .itself), after: 100_000)
    }

    /// True if it may say `bye`, which promises that nothing that may not be repeated was begun in silence.
    private var mayPromise: Bool {
        nature.saysStart || !jobs.contains { $0.isBegun && !plan($0.token).mayRepeat }
    }

    private func write(_ line: Line) {
        guard !isOutputClosed else { return }
        if let torn {
            // The coordinator finds the message behind it.
            pipe.append(.spoilt(seq: torn))
            if let index = jobs.firstIndex(where: { $0.seq == torn }) { jobs[index].isGarbled = true }
        }
        torn = nil
        if line == .bye { hasSaidBye = true }
        pipe.append(line)
    }

    private func ask(_ step: Step, after nanoseconds: Int) { steps.append((nanoseconds, step)) }

    /// Says something that nobody asked for.
    private func makeNoise() {
        if hasSaidBye, !hasFlooded {
            hasFlooded = true
            write(.flood)
        }
        let seq = foreignNumber()
        let line: Line = random.pick([
            .beat(isHeld: heldBeats < 2 && random.oneIn(3)), .other, .stray, .stray, .start(seq: seq), .echo,
            .spoilt(seq: seq),
            .returned(seq: seq),
            .answer(seq: seq), .other,
            // One that works without a hello and says one all the same would be believed.
            nature.isSilent ? .other : .hello,
            random.oneIn(6) ? .otherVersion : .other, random.oneIn(3) && mayPromise ? .bye : .other,
            random.oneIn(3) ? .nameless : .stray,
        ])
        if line == .beat(isHeld: true) { heldBeats += 1 }
        write(line)
        ask(.noise, after: random.pick(1_000...80_000_000))
    }
}
