// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import SimulationSupport

/// A simulated worker process: it reads its tasks in order, and works on them.
///
/// The worker has the faults of its `Nature`, and the faults of each task's `TaskPlan`.
///
/// The worker does not know its pool. The worker plans its later actions as steps, which the world performs.
/// Its output stays in a pipe until the world reads it, even after the worker's death. The worker also
/// records its true actions, which the pool can only infer.
final class FakeWorker {
    /// A later action of the worker.
    enum Step {
        case boot, turn, beat, noise, giveBack
        case finish(seq: Int)
        case outgrow(seq: Int)
        case die(WorkerExit, Cause)
    }

    /// The true cause of the worker's death.
    enum Cause: Equatable {
        /// The task `token`: the worker died during the task, or right after it had written the result.
        case behavior(token: Int), completed(token: Int)
        /// A signal of its coordinator, a signal from outside, a failed start, or its own decision.
        case coordinator, outside, boot, itself
    }

    /// A task that was sent to the worker, until the worker returns the task or sends a usable result.
    struct Job {
        let seq: Int
        let token: Int
        var behavior = Behavior.work
        var isBegun = false
        /// True if the worker has read the task; the task may begin much later.
        var isRead = false
        /// True if the result of the task was written, but is unusable.
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
    /// The worker's tasks, in the order in which they were sent.
    private(set) var jobs: [Job] = []
    /// The tasks during which the worker printed an unusable result, or more text than allowed.
    private(set) var offenders: Set<Int> = []
    /// The `seq` of a result of which only the first half is written, without a line feed; `nil` if there is
    /// none.
    private var torn: Int?
    /// The planned steps, each with the nanoseconds until it is due; the world removes them.
    var steps: [(after: Int, step: Step)] = []
    /// Notes that the work on a task begins; returns the number of times that this work began before.
    var begins: (Int) -> Int = { _ in 0 }
    /// Returns a number for which this worker has no task.
    var foreignNumber: () -> Int = { 1 }
    private var begun = 0
    private var heldBeats = 0
    private var hasFlooded = false
    /// The number of tasks that were recalled and not yet returned.
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

    /// The worker's oldest task, apart from tasks whose result is unusable; `nil` if there is none.
    var oldest: Int? { jobs.first { !$0.isGarbled }?.token }

    /// True if the worker's output ends with half a line.
    var isTorn: Bool { torn != nil }

    /// The number of tasks that the worker has not read; these are its newest tasks.
    var unread: Int { jobs.reversed().prefix { !$0.isRead }.count }

    /// Returns the output that was not read yet, and removes it.
    func read() -> [Line] {
        defer { pipe = [] }
        return pipe
    }

    // MARK: Actions of the coordinator

    /// Adds a task's line to the input; the worker reads the line in its next `beginWork`, or at once with
    /// `Nature.readsEagerly`.
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

    // MARK: Actions of the worker

    private var isAwake: Bool { !isDead && !isFrozen }

    func perform(_ step: Step) {
        if case .die(let exit, let cause) = step { return die(exit, of: cause) }
        guard isAwake else { return }
        switch step {
        case .boot: boot()
        case .turn: beginWork()
        case .beat:
            // The number of beats with `isHeld` is limited, because each such beat extends the time in which
            // the worker must send a result.
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

    /// True if the worker may begin a task; false once the worker has closed its output or is exiting.
    ///
    /// After `bye`, the worker may begin a task only if it says `start`.
    private var mayBegin: Bool {
        isAwake && isBooted && !isOutputClosed && !hasLeft && (!hasSaidBye || nature.saysStart)
    }

    private func begin(_ index: Int) {
        let job = jobs[index]
        let plan = plan(job.token)
        if nature.saysStart, !nature.isTrusted || !plan.mayRepeat { write(.start(seq: job.seq)) }
        let behavior = begins(job.token) < plan.relapses ? plan.behavior : .work
        jobs[index].isBegun = true
        jobs[index].behavior = behavior
        begun += 1
        switch behavior {
        case .dieOnReading: die(plan.exit, of: .behavior(token: job.token))
        case .dieHalfway: ask(.die(plan.exit, .behavior(token: job.token)), after: plan.nanoseconds / 2)
        case .hang(isFrozen: false) where nature.isCoordinator:
            ask(.finish(seq: job.seq), after: 2 * Scenario.bound.count * 1_000_000)
        case .hang(let isFrozen): self.isFrozen = isFrozen
        case .closeOutput: isOutputClosed = true
        case .leave: leave()
        case .outgrow: ask(.outgrow(seq: job.seq), after: plan.nanoseconds)
        case .work, .dieInResult, .dieAfterResult, .babble, .mumble, .chatter, .flood, .tear:
            ask(.finish(seq: job.seq), after: plan.nanoseconds)
        }
    }

    private func finish(_ seq: Int) {
        guard let index = jobs.firstIndex(where: { $0.seq == seq }), !hasLeft else { return }
        let job = jobs[index]
        switch job.behavior {
        // The world does not read half a line.
        case .dieInResult:
            torn = seq
            return die(plan(job.token).exit, of: .behavior(token: job.token))
        case .babble, .mumble:
            // If the worker keeps no order, the pool needs the number to find the task.
            let isNamed = job.behavior == .babble || nature.concurrency > 1 || nature.isTrusted
            spoil(index, isNamed ? .spoilt(seq: seq) : .nameless)
        case .tear where torn != nil:
            // Two incomplete results would be one line, and the world has no such line.
            offenders.insert(job.token)
            spoil(index, .spoilt(seq: seq))
        case .tear:
            torn = seq
            offenders.insert(job.token)
        case .chatter:
            for _ in 1...12 { write(.stray) }
            writeResult(index)
        case .flood:
            offenders.insert(job.token)
            for _ in 1...5 { write(.flood) }
            return
        case .dieAfterResult:
            writeResult(index)
            return die(plan(job.token).exit, of: .completed(token: job.token))
        default: writeResult(index)
        }
        begun -= 1
        beginWork()
        leaveIfDone()
    }

    /// Writes a result; a result written to a closed pipe does not count.
    private func writeResult(_ index: Int) {
        let seq = jobs[index].seq
        let isHeard = !isOutputClosed
        write(.result(seq: seq))
        guard isHeard else { return }
        jobs.remove(at: index)
        if nature.repeatsResults, random.oneIn(8) { write(.result(seq: seq)) }
    }

    /// Writes an unusable result; the worker treats the task as finished.
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

    /// True if the worker may say `bye`.
    ///
    /// A `bye` promises that the worker has sent `start` for each begun task that must not be repeated.
    private var mayPromise: Bool {
        nature.saysStart || !jobs.contains { $0.isBegun && !plan($0.token).mayRepeat }
    }

    private func write(_ line: Line) {
        // The next bytes of an incomplete line are no new line.
        guard !isOutputClosed, line != .part || torn == nil else { return }
        if let torn {
            // The incomplete result and this message are one line. The coordinator finds the message in this
            // line, and takes the text before the message as an unusable line.
            pipe.append(.spoilt(seq: torn))
            if let index = jobs.firstIndex(where: { $0.seq == torn }) { jobs[index].isGarbled = true }
        }
        torn = nil
        if line == .bye { hasSaidBye = true }
        pipe.append(line)
    }

    private func ask(_ step: Step, after nanoseconds: Int) { steps.append((nanoseconds, step)) }

    /// Writes a random line that nobody requested, and plans the next such line.
    ///
    /// The first time after a `bye`, the worker writes a very long line (`Line.flood`) before this line.
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
            .result(seq: seq), .other,
            // A silent worker must not say `hello`, because the pool would accept the `hello`.
            nature.isSilent ? .other : .hello,
            random.oneIn(6) ? .otherVersion : .other, random.oneIn(3) && mayPromise ? .bye : .other,
            random.oneIn(3) ? .nameless : .stray, .part,
        ])
        if line == .beat(isHeld: true) { heldBeats += 1 }
        write(line)
        ask(.noise, after: random.pick(1_000...80_000_000))
    }
}
