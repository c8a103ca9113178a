// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import ProcessPool

/// A pool among fake workers, with a clock that is moved by hand.
///
/// It does with `PoolState` what `PoolLoop` does with it: reads all that workers wrote, has tasks handed out, lets the
/// pool settle, carries out what was decided, sleeps until something happens. Everything comes from one seed.
final class World {
    private enum Entry {
        case step(life: Int, FakeWorker.Step)
        case arrival(life: Int, seq: Int, token: Int)
        case recall(life: Int, max: Int)
        case drain(life: Int)
        case termination(life: Int)
        case kill(life: Int)
        case sleep, stop, wake
    }

    private(set) var coverage = Coverage()
    private(set) var events = 0
    let scenario: Scenario
    private var random: SeededGenerator
    private var state: PoolState
    private var ledger: Ledger
    private var workers: [FakeWorker] = []
    private var unburied: [FakeWorker] = []
    private var agenda = Agenda<Entry>()
    private var real = 0
    private var clock = LoopClock(real: 0)
    private var nextToken = 0
    private var isDrained = false
    private var blockedUntil = 0
    private var isAsleep = false
    private(set) var end: PoolEnd?
    private let tells: ((String) -> Void)?
    private var failure: Failure?
    private var bootsInDoubt = 0
    private var sentSeqs: [Int] = [1]

    init(seed: UInt64, tells: ((String) -> Void)? = nil) {
        random = SeededGenerator(seed: seed)
        scenario = Scenario(&random)
        state = PoolState(scenario.options)
        ledger = Ledger(scenario)
        self.tells = tells
        if scenario.sleepsAnHour { agenda.add(.sleep, at: random.pick(0...400) * 1_000_000) }
        if scenario.end == .stopped { agenda.add(.stop, at: random.pick(0...2_000) * 100_000) }
        if scenario.isBlockedAMinute {
            let start = random.pick(0...100) * 1_000_000
            agenda.add(.wake, at: start + 60_000_000_000)
            blockedUntil = start + 60_000_000_000
        }
    }

    private var now: PoolTime { clock.time(at: real) }

    /// Runs to the pool's end.
    ///
    /// - Throws: The first rule that did not hold.
    func run() throws(Failure) {
        var idleTurns = 0
        while end == nil {
            try turn()
            if end != nil { break }
            let wake = state.nextWake().map { $0.nanoseconds - now.nanoseconds + real }
            guard let next = [agenda.next, wake].compactMap(\.self).min() else {
                throw Failure("nothing will ever happen, and \(state.unendedTasks) tasks have not ended")
            }
            idleTurns = next <= real ? idleTurns + 1 : 0
            try require(idleTurns < 1_000, "the pool asks to be woken at once, again and again")
            sleep(until: max(next, real))
            try require(now.nanoseconds < 3_600_000_000_000, "the run does not end")
        }
        try checkEnd()
    }

    /// Moves the clock, and lets the workers work meanwhile.
    private func sleep(until next: Int) {
        // The loop is a little late, as loops are.
        let until = next + (random.oneIn(4) ? random.pick(0...300_000) : 0)
        while let (time, entry) = agenda.take(upTo: until) {
            real = max(real, time)
            perform(entry)
        }
        real = max(real, until)
        guard isAsleep else {
            _ = clock.advance(to: real, planned: .max / 2)
            return
        }
        isAsleep = false
        _ = clock.advance(to: real)
        real += 3_600_000_000_000
        // The workers went on, but nobody read what they wrote.
        while let (_, entry) = agenda.take(upTo: real) { perform(entry) }
        _ = clock.advance(to: real, planned: 250_000_000)
        tell("the loop stood still for an hour")
    }

    private func perform(_ entry: Entry) {
        switch entry {
        case .step(let life, .outgrow):
            // As the loop does, which looks at workers with tasks in hand.
            let worker = workers[life]
            guard !worker.isDead, state.phase(of: worker.id) == .ready, state.isBusy(worker.id) else {
                return
            }
            note(.outgrew, worker.id)
            ledger.outgrew(life)
            feed(.outgrew(worker.id))
        case .step(let life, let step):
            workers[life].perform(step)
            collectSteps(of: workers[life])
        case .arrival(let life, let seq, let token):
            workers[life].receive(seq: seq, token: token)
            collectSteps(of: workers[life])
        case .recall(let life, let max): workers[life].recall(max: max)
        case .drain(let life):
            workers[life].drain()
            collectSteps(of: workers[life])
        case .termination(let life):
            workers[life].terminate()
            collectSteps(of: workers[life])
        case .kill(let life): workers[life].die(WorkerExit(signal: 9))
        case .sleep: isAsleep = true
        case .stop:
            tell("stop")
            ledger.isEnding = true
            feed(.stop)
        case .wake: break
        }
    }

    private func collectSteps(of worker: FakeWorker) {
        for (after, step) in worker.steps {
            // In an hour's sleep a worker says once that it lives, not 3,600 times.
            let isBeat = if case .beat = step { true } else { false }
            let isNoise = if case .noise = step { true } else { false }
            let from = isAsleep && (isBeat || isNoise) ? real + 3_600_000_000_000 : real
            agenda.add(.step(life: worker.id.life, step), at: from + after)
        }
        worker.steps = []
    }

    // MARK: One turn of the loop

    private func turn() throws(Failure) {
        let present = unburied
        for worker in present { try read(worker) }
        if end == nil { handOut() }
        if nextToken == scenario.tasks.count, !isDrained {
            isDrained = true
            tell("drain")
            feed(.drain)
        }
        var actions: [PoolAction] = []
        state.settle(at: now, into: &actions)
        try perform(actions)
        if let failure { throw failure }
        // A pool on demand starts no worker while those there are will do.
        guard state.queuedTasks > 0, !ledger.isEnding, scenario.options.startsAll, !isDrained else { return }
        let isAboutTo = state.nextWake().map { $0 <= now + 1 } ?? false
        try require(state.isStaffed || isAboutTo, "tasks wait, workers are missing, and none is on its way")
    }

    private func handOut() {
        guard real >= blockedUntil || real < blockedUntil - 60_000_000_000 else { return }
        var wanted = state.wanted(at: now)
        while wanted > 0, nextToken < scenario.tasks.count {
            ledger.submitted(nextToken)
            feed(
                .submitted(
                    token: nextToken,
                    mayRepeat: scenario.tasks[nextToken].mayRepeat,
                    bound: Scenario.bound,
                    affinity: nextToken % 5 == 0 ? nil : nextToken * 7 % 23
                )
            )
            nextToken += 1
            wanted -= 1
        }
    }

    private func read(_ worker: FakeWorker) throws(Failure) {
        let life = worker.id.life
        for line in worker.read() { try take(line, from: worker) }
        if worker.isOutputClosed || worker.isDead, ledger.lives[life].outputClosed == nil {
            note(.outputClosed, worker.id)
            ledger.closedOutput(life, at: now)
            feed(.outputClosed(worker.id))
        }
        guard let exit = worker.exit else { return try check() }
        note(exit.isClean ? .cleanEnd : .badEnd, worker.id)
        unburied.removeAll { $0.id == worker.id }
        tell("\(name(worker.id)) ended: \(exit.signal.map { "signal \($0)" } ?? "status \(exit.status)")")
        ledger.willBury(life, exit)
        if ledger.failedStartsInRow >= scenario.options.failedStartLimit { ledger.isEnding = true }
        feed(.ended(worker.id, exit))
        try check()
        if !ledger.isEnding { try ledger.didBury() }
    }

    private func take(_ line: Line, from worker: FakeWorker) throws(Failure) {
        let (id, life) = (worker.id, worker.id.life)
        tell("\(name(id)) says \(line)")
        events += 1
        if case .answer(let seq) = line {
            let phase = state.phase(of: id)
            let accepted = state.accept(answer: seq, from: id, at: now)
            coverage.note(accepted == nil ? .voidAnswer : .answer, phase)
            return try ledger.answered(seq, by: life, taken: accepted?.token, at: now)
        }
        note(Self.event(of: line), id)
        if line == .fatalGarbage || (line == .garbage && ledger.lives[life].garbage == 9) {
            ledger.broke(life)
        }
        ledger.read(line, from: life, at: now)
        switch line {
        case .hello:
            let name = scenario.isTrusted ? "ours" : "theirs"
            feed(.hello(id, Hello(name: name, concurrency: scenario.concurrency)))
        case .otherVersion: feed(.refused(id))
        case .beat: feed(.beat(id, isHeld: false))
        case .bye: feed(.bye(id))
        case .start(let seq): feed(.started(id, seq: seq))
        case .returned(let seq): feed(.returned(id, seq: seq))
        case .other: feed(.spoke(id))
        case .garbage: feed(.garbage(id, isFatal: false))
        case .fatalGarbage: feed(.garbage(id, isFatal: true))
        case .answer: break
        }
        try check()
    }

    private static func event(of line: Line) -> Coverage.Event {
        switch line {
        case .hello: .hello
        case .otherVersion: .otherVersion
        case .beat: .beat
        case .bye: .bye
        case .start: .start
        case .returned: .returned
        case .answer: .answer
        case .other: .other
        case .garbage: .garbage
        case .fatalGarbage: .fatalGarbage
        }
    }

    private func note(_ event: Coverage.Event, _ worker: WorkerID) {
        coverage.note(event, state.phase(of: worker))
    }

    private func feed(_ event: PoolEvent) {
        events += 1
        var actions: [PoolAction] = []
        state.handle(event, at: now, into: &actions)
        do throws(Failure) {
            try perform(actions)
        } catch {
            // Told at the end of what led to it.
            failure = failure ?? error
        }
    }

    private func check() throws(Failure) {
        if let failure { throw failure }
        try require(
            state.unendedTasks == nextToken - ledger.endedTasks,
            "the pool holds \(state.unendedTasks) tasks of \(nextToken - ledger.endedTasks)"
        )
    }

    // MARK: What was decided

    private func perform(_ actions: [PoolAction]) throws(Failure) {
        for action in actions {
            tells?(describe(action))
            switch action {
            case .spawn(let worker, _): try spawn(worker)
            case .send(let worker, let token, let seq, let attempt):
                let window = state.window(of: worker)
                try ledger.sent(
                    token,
                    seq: seq,
                    attempt: attempt,
                    to: worker,
                    window: max(window, 1),
                    at: now
                )
                sentSeqs.append(seq)
                agenda.add(.arrival(life: worker.life, seq: seq, token: token), at: real + 8_000)
            case .recall(let worker, let max):
                agenda.add(.recall(life: worker.life, max: max), at: real + 8_000)
            case .drain(let worker):
                try ledger.drained(worker.life, at: now)
                agenda.add(.drain(life: worker.life), at: real + 8_000)
            case .terminate(let worker):
                try ledger.terminated(worker.life, at: now)
                agenda.add(.termination(life: worker.life), at: real)
            case .kill(let worker):
                try ledger.killed(worker.life, at: now)
                workers[worker.life].die(WorkerExit(signal: 9))
                agenda.add(.wake, at: real)
            case .triedAgain(let token, _, _, _): try ledger.triedAgain(token)
            case .complete(let token, let end, let worker): try ledger.completed(token, end, by: worker)
            case .finished(let end):
                try require(self.end == nil, "the pool ends twice")
                self.end = end
            }
        }
    }

    private func spawn(_ worker: WorkerID) throws(Failure) {
        let nature = makeNature()
        try ledger.spawned(worker, nature)
        let fake = FakeWorker(worker, nature, plans: scenario.tasks, seed: random.next())
        fake.begins = { [unowned self] token in
            let before = self.ledger.begin(token)
            if before > 0, !self.scenario.tasks[token].mayRepeat {
                self.failure =
                    self.failure ?? Failure("task \(token) may not be repeated and is begun a second time")
            }
            return before
        }
        fake.foreignNumber = { [unowned self] in self.foreignNumber(to: worker.life) }
        workers.append(fake)
        if nature.boot == .cannotSpawn {
            note(.spawnFailed, worker)
            ledger.willBury(worker.life, WorkerExit(status: 127))
            if ledger.failedStartsInRow >= scenario.options.failedStartLimit { ledger.isEnding = true }
            return feed(.spawnFailed(worker, isHopeless: false))
        }
        unburied.append(fake)
        collectSteps(of: fake)
        if random.oneIn(scenario.kills) {
            let time = random.oneIn(3) ? random.pick(0...4_000_000) : random.pick(0...300_000_000)
            agenda.add(.kill(life: worker.life), at: real + time)
        }
    }

    /// A number that was sent to another worker, or to nobody.
    private func foreignNumber(to life: Int) -> Int {
        let seq = random.pick(sentSeqs)
        return ledger.lives[life].flights.contains { $0.seq == seq } ? 1 : seq
    }

    private func makeNature() -> Nature {
        var nature = Nature()
        let isDoomed =
            scenario.end == .cannotStart || (random.oneIn(scenario.badBoots) && ledger.failedStartsInRow < 3)
        if isDoomed { nature.boot = random.pick([.fails, .fails, .hangs, .otherVersion, .cannotSpawn]) }
        nature.bootTime = random.pick(200_000...8_000_000)
        nature.concurrency = scenario.concurrency
        nature.isSilent = scenario.isSilent
        nature.isTrusted = scenario.isTrusted
        nature.saysStart = scenario.saysStart
        nature.beats = !random.oneIn(4)
        nature.isNoisy = random.oneIn(scenario.noisy)
        nature.answersTwice = random.oneIn(5)
        nature.isStubborn = random.oneIn(6)
        nature.timeToDie = random.oneIn(3) ? random.pick(0...900_000_000) : random.pick(0...2_000_000)
        nature.keepsWhatItHas = random.oneIn(6)
        nature.staysAfterDrain = random.oneIn(10)
        nature.saysBye = !random.oneIn(4)
        nature.leavesAfter = random.oneIn(12) ? random.pick(0...200_000_000) : nil
        return nature
    }

    // MARK: The end

    private func checkEnd() throws(Failure) {
        try require(unburied.isEmpty, "\(unburied.count) workers live on")
        try require(state.unendedTasks == 0, "\(state.unendedTasks) tasks have not ended")
        try require(ledger.endedTasks == nextToken, "\(ledger.endedTasks) of \(nextToken) tasks have ended")
        switch end {
        case .drained:
            try require(nextToken == scenario.tasks.count, "the pool drained before its input had ended")
        case .stopped: try require(scenario.end == .stopped, "the pool was stopped by nobody")
        case .cannotStart:
            try require(
                ledger.failedStartsInRow >= 5,
                "the pool gave up after \(ledger.failedStartsInRow) failed starts"
            )
        case nil: throw Failure("the pool has not ended")
        }
    }

    private func tell(_ text: @autoclosure () -> String) {
        tells?("\(now.nanoseconds / 1_000) µs  \(text())")
    }

    private func name(_ worker: WorkerID) -> String { "worker \(worker.slot)/\(worker.life)" }

    private func describe(_ action: PoolAction) -> String {
        "\(now.nanoseconds / 1_000) µs    → \(action)"
    }
}
