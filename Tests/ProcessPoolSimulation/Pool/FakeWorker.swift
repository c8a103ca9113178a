// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

/// A line that a fake worker writes.
enum Line: Equatable {
    case hello, otherVersion, beat, bye
    case start(seq: Int), returned(seq: Int), answer(seq: Int)
    /// A line of a type that nobody knows, and lines that are no messages at all.
    case other, garbage, fatalGarbage
}

/// A worker process in miniature: it reads its tasks in order, works on them, and goes wrong as it and they are made to.
///
/// It knows nothing of the pool. What it does later it asks its world for, as steps; what it writes lies in `pipe` until the
/// world reads it, also after its death.
final class FakeWorker {
    /// What it does later.
    enum Step {
        case boot, beat, noise
        case finish(seq: Int)
        case outgrow(seq: Int)
        case die(WorkerExit)
    }

    /// A task in its hands.
    private struct Job {
        let seq: Int
        let token: Int
        var deed = Deed.work
        var isBegun = false
    }

    let id: WorkerID
    let nature: Nature
    private let plans: [TaskPlan]
    private(set) var pipe: [Line] = []
    private(set) var exit: WorkerExit?
    private(set) var isOutputClosed = false
    /// Steps asked for, each with the nanoseconds until it is due; the world takes them.
    var steps: [(after: Int, step: Step)] = []
    /// Told when work on a task begins; answers how often that has happened before.
    var begins: (Int) -> Int = { _ in 0 }
    /// A number that this worker was never sent: one of another's, or nobody's.
    var foreignNumber: () -> Int = { 1 }
    private var jobs: [Job] = []
    private var isBooted = false
    private var isFrozen = false
    private var isLeaving = false
    private var random: SeededGenerator

    init(_ id: WorkerID, _ nature: Nature, plans: [TaskPlan], seed: UInt64) {
        (self.id, self.nature, self.plans) = (id, nature, plans)
        random = SeededGenerator(seed: seed)
        switch nature.boot {
        case .fails: ask(.die(WorkerExit(status: 1)), after: nature.bootTime)
        case .good, .otherVersion: ask(.boot, after: nature.bootTime)
        case .hangs, .cannotSpawn: break
        }
        if nature.isNoisy { ask(.noise, after: random.pick(0...40_000_000)) }
    }

    var isDead: Bool { exit != nil }

    /// Takes what was written and not read.
    func read() -> [Line] {
        defer { pipe = [] }
        return pipe
    }

    // MARK: What its coordinator says

    func receive(seq: Int, token: Int) {
        guard !isDead else { return }
        jobs.append(Job(seq: seq, token: token))
        beginWork()
    }

    func recall(max: Int) {
        guard !isDead, isBooted, !nature.keepsWhatItHas else { return }
        for job in jobs.reversed().filter({ !$0.isBegun }).prefix(max) {
            jobs.removeAll { $0.seq == job.seq }
            write(.returned(seq: job.seq))
        }
    }

    func drain() {
        guard !isDead, !nature.staysAfterDrain, isBooted else { return }
        isLeaving = true
        leaveIfDone()
    }

    func terminate() {
        guard !isDead, !nature.isStubborn else { return }
        ask(.die(WorkerExit(signal: 15)), after: nature.timeToDie)
    }

    func die(_ exit: WorkerExit) {
        if self.exit == nil { self.exit = exit }
    }

    // MARK: What it does

    func perform(_ step: Step) {
        guard !isDead else { return }
        switch step {
        case .boot: boot()
        case .beat:
            guard !isFrozen else { return }
            write(.beat)
            ask(.beat, after: 1_000_000_000)
        case .noise: makeNoise()
        case .finish(let seq): finish(seq)
        case .outgrow: break
        case .die(let exit): die(exit)
        }
    }

    private func boot() {
        guard nature.boot == .good else { return write(.otherVersion) }
        isBooted = true
        if !nature.isSilent { write(.hello) }
        if nature.beats { ask(.beat, after: 1_000_000_000) }
        if let after = nature.leavesAfter { ask(.die(WorkerExit()), after: after) }
        beginWork()
    }

    private func beginWork() {
        // One that cannot say that it begins, does not.
        guard isBooted, !isOutputClosed else { return }
        while let next = jobs.firstIndex(where: { !$0.isBegun }),
            jobs.count(where: \.isBegun) < nature.concurrency
        {
            begin(next)
            if isDead { return }
        }
    }

    private func begin(_ index: Int) {
        let job = jobs[index]
        let plan = plans[job.token]
        if nature.saysStart, !nature.isTrusted || !plan.mayRepeat { write(.start(seq: job.seq)) }
        let deed = begins(job.token) < plan.relapses ? plan.deed : .work
        jobs[index].isBegun = true
        jobs[index].deed = deed
        switch deed {
        case .dieOnReading: die(WorkerExit(signal: 11))
        case .dieHalfway: ask(.die(WorkerExit(signal: 11)), after: plan.nanoseconds / 2)
        case .hang(let isFrozen): self.isFrozen = self.isFrozen || isFrozen
        case .closeOutput: isOutputClosed = true
        case .outgrow: ask(.outgrow(seq: job.seq), after: plan.nanoseconds)
        case .work, .dieInAnswer, .dieAfterAnswer, .babble, .chatter:
            ask(.finish(seq: job.seq), after: plan.nanoseconds)
        }
    }

    private func finish(_ seq: Int) {
        guard let index = jobs.firstIndex(where: { $0.seq == seq }) else { return }
        let job = jobs.remove(at: index)
        switch job.deed {
        // Half of a line is no line, so nothing of it is read.
        case .dieInAnswer: return die(WorkerExit(signal: 6))
        case .babble: write(.fatalGarbage)
        case .chatter:
            for _ in 1...12 { write(.garbage) }
            write(.answer(seq: seq))
        case .dieAfterAnswer:
            write(.answer(seq: seq))
            return die(WorkerExit(status: 3))
        default: write(.answer(seq: seq))
        }
        if nature.answersTwice, random.oneIn(8) { write(.answer(seq: seq)) }
        beginWork()
        leaveIfDone()
    }

    private func leaveIfDone() {
        guard isLeaving, jobs.isEmpty else { return }
        if nature.saysBye { write(.bye) }
        ask(.die(WorkerExit()), after: 100_000)
    }

    /// Says something that nobody asked for, now and again.
    private func makeNoise() {
        let seq = foreignNumber()
        write(
            random.pick([
                .hello, .beat, .other, .garbage, .garbage, .start(seq: seq), .returned(seq: seq),
                .answer(seq: seq), .other,
                random.oneIn(6) ? .otherVersion : .other, random.oneIn(6) ? .bye : .beat,
                random.oneIn(6) ? .fatalGarbage : .garbage,
            ])
        )
        ask(.noise, after: random.pick(1_000...80_000_000))
    }

    private func write(_ line: Line) {
        if !isOutputClosed { pipe.append(line) }
    }

    private func ask(_ step: Step, after nanoseconds: Int) { steps.append((nanoseconds, step)) }
}

/// What a worker is like, whatever it is given.
struct Nature {
    enum Boot { case good, fails, hangs, otherVersion, cannotSpawn }

    var boot = Boot.good
    var bootTime = 3_000_000
    var concurrency = 1
    var isSilent = false
    var saysStart = false
    /// Calls itself what its coordinator trusts: it says `start` for what may not be repeated, and for nothing else.
    var isTrusted = false
    var beats = true
    var isNoisy = false
    var answersTwice = false
    /// Ignores SIGTERM.
    var isStubborn = false
    /// From SIGTERM to its end, in nanoseconds.
    var timeToDie = 500_000
    var keepsWhatItHas = false
    var staysAfterDrain = false
    var saysBye = true
    /// Exits with status 0 after so long, in the middle of whatever it does.
    var leavesAfter: Int?
}
