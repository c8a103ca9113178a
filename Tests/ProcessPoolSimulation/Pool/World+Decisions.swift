// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import SimulationSupport

// The pool's decisions: the ledger and the witness check them, and the world performs them.

extension World {
    func perform(_ actions: [PoolAction]) throws(Failure) {
        for case .spawn(let worker, _) in actions { ledger.slotsToStart.insert(worker.slot) }
        for action in actions {
            tell("  → \(describe(action))")
            switch action {
            case .spawn(let worker, _): try spawn(worker)
            case .send(let worker, let token, let seq, let attempt):
                // If the worker could not be started, the pool has already requeued the task, or is ending.
                guard !ledger.isEnding, !ledger.lives[worker.life].isBuried else {
                    ledger.sentToNobody(token)
                    continue
                }
                try send(token, seq: seq, attempt: attempt, to: worker)
            case .recall(let worker, let max):
                guard !ledger.lives[worker.life].isStopping else { continue }
                try ledger.recalled(worker.life, max: max, at: now)
                agenda.add(.recall(life: worker.life, max: max), at: real + 8_000)
            case .confirm(let worker, let seq): try ledger.confirmed(seq, to: worker.life)
            case .cancel: break
            case .drain(let worker):
                try ledger.drained(worker.life, at: now)
                agenda.add(.drain(life: worker.life), at: real + 8_000)
            case .terminate(let worker):
                try ledger.terminated(worker.life, at: now)
                witness.askedToEnd(workers[worker.life], ledger.lives[worker.life])
                agenda.add(.termination(life: worker.life), at: real)
            case .kill(let worker):
                // A failed start in an outer call of `perform` has ended the pool. The start of this worker
                // comes later in the outer call's actions, and will be skipped.
                guard worker.life < workers.count else { continue }
                if !ledger.lives[worker.life].isStopping {
                    witness.askedToEnd(workers[worker.life], ledger.lives[worker.life])
                }
                try ledger.killed(worker.life, at: now)
                workers[worker.life].die(WorkerExit(signal: 9), of: .coordinator)
                agenda.add(.wake, at: real)
            case .triedAgain(let token, let exit, let worker, _):
                try ledger.triedAgain(token)
                try witness.confirm(.crashed(exit), of: token, by: workers[worker.life], at: now)
                coverage.note(.triedAgain)
            case .complete(let token, let end, let worker):
                try ledger.completed(token, end, by: worker, at: now)
                if let worker { try witness.confirm(end, of: token, by: workers[worker.life], at: now) }
                try complete(token, end)
            case .finished(let end):
                try require(self.end == nil, "the pool ends twice")
                self.end = end
            }
        }
    }

    private func describe(_ action: PoolAction) -> String {
        func exit(_ exit: WorkerExit) -> String {
            (exit.signal.map { "signal \($0)" } ?? "status \(exit.status)")
                + (exit.isOutOfMemory ? ", out of memory" : "")
        }
        return switch action {
        case .spawn(let worker, let isForRetry): "start \(name(worker))\(isForRetry ? " for a retry" : "")"
        case .send(let worker, let token, let seq, let attempt):
            "send task \(token) to \(name(worker)) as \(seq), attempt \(attempt)"
        case .recall(let worker, let max): "recall \(max) from \(name(worker))"
        case .confirm(let worker, let seq): "confirm \(seq) to \(name(worker))"
        case .cancel(let worker, let seq): "cancel \(seq) of \(name(worker))"
        case .drain(let worker): "drain \(name(worker))"
        case .terminate(let worker): "SIGTERM to \(name(worker))"
        case .kill(let worker): "SIGKILL to \(name(worker))"
        case .triedAgain(let token, let how, let worker, _):
            "retry task \(token), which killed \(name(worker)) by \(exit(how))"
        case .complete(let token, .crashed(let how), _): "task \(token) ends: crash by \(exit(how))"
        case .complete(let token, .lost(let how), _): "task \(token) ends: lost by \(exit(how))"
        case .complete(let token, .pastDeadline(let how), _): "task \(token) ends: late, \(exit(how))"
        case .complete(let token, let end, _): "task \(token) ends: \(end)"
        case .finished(let end): "the pool has ended: \(end)"
        }
    }

    private func send(_ token: Int, seq: Int, attempt: Int, to worker: WorkerID) throws(Failure) {
        if ledger.tasks[token].deaths >= 2 { coverage.note(.triedAlone) }
        try ledger.sent(
            token,
            seq: seq,
            attempt: attempt,
            to: worker.life,
            window: state.window(of: worker),
            spareRoom: state.spareRoom(of: worker),
            at: now
        )
        try require(sentOnce.insert(seq).inserted && seq < 1 << 53, "number \(seq) was used before")
        sentSeqs.append(seq)
        workers[worker.life].send(seq: seq, token: token)
        collectSteps(of: workers[worker.life])
    }

    private func complete(_ token: Int, _ end: TaskEnd) throws(Failure) {
        let fate: Coverage.Fate =
            switch end {
            case .crashed(let exit): exit.isOutOfMemory ? .outOfMemory : .crashed
            case .pastDeadline: .late
            case .lost: .lost
            case .brokeProtocol: .brokeProtocol
            case .cancelled, .unstartable: .cancelled
            }
        coverage.note(fate)
        witness.ended(token, fate)
    }

    private func spawn(_ worker: WorkerID) throws(Failure) {
        ledger.slotsToStart.remove(worker.slot)
        let crew = scenario.crews[worker.slot % scenario.crews.count]
        // A failed start that `perform` handled earlier may have ended the pool.
        guard !ledger.isEnding else { return passOver(worker, crew) }
        let nature = makeNature(crew)
        try ledger.spawned(worker, crew, at: now)
        let fake = FakeWorker(worker, nature, seed: random.next()) { [scenario] in scenario.tasks[$0] }
        fake.begins = { [unowned self] in self.begin($0, worker.life) }
        fake.foreignNumber = { [unowned self] in self.foreignNumber(to: worker.life) }
        workers.append(fake)
        if nature.boot == .cannotSpawn {
            tell("\(name(worker)) cannot be started")
            note(.spawnFailed, worker.life)
            let isHopeless = isDoomed && random.oneIn(4)
            ledger.isHopeless = isHopeless
            return retire(worker, WorkerExit(status: 127), wasStarted: false) {
                .spawnFailed(worker, isHopeless: isHopeless)
            }
        }
        unburied.append(fake)
        collectSteps(of: fake)
        if random.oneIn(scenario.kills) {
            let time = random.oneIn(3) ? random.pick(0...4_000_000) : random.pick(0...300_000_000)
            agenda.add(.kill(life: worker.life), at: real + time)
        }
    }

    private func passOver(_ worker: WorkerID, _ crew: Crew) {
        tell("\(name(worker)) is not started any more")
        ledger.lives.append(Life(worker, crew))
        ledger.lives[worker.life].isBuried = true
        workers.append(
            FakeWorker(worker, Nature(boot: .cannotSpawn), seed: 0) { [scenario] in scenario.tasks[$0] }
        )
        feed(.spawnFailed(worker, isHopeless: false))
    }

    /// Notes that a worker begins a task; returns the number of times that the task began before.
    private func begin(_ token: Int, _ life: Int) -> Int {
        let before = ledger.begin(token)
        witness.began(token, by: life, at: now)
        if before > 0, !scenario.tasks[token].mayRepeat {
            failure = failure ?? Failure("task \(token) may not be repeated and is begun a second time")
        }
        return before
    }

    /// Returns a number for which this worker has no task.
    private func foreignNumber(to life: Int) -> Int {
        let seq = random.pick(sentSeqs)
        return workers[life].jobs.contains { $0.seq == seq } ? 1 : seq
    }

    private func makeNature(_ crew: Crew) -> Nature {
        var nature = Nature()
        (nature.concurrency, nature.isSilent) = (crew.concurrency, crew.isSilent)
        (nature.isTrusted, nature.saysStart) = (crew.isTrusted, crew.saysStart)
        (nature.isCoordinator, nature.readsEagerly) = (crew.isCoordinator, crew.readsEagerly)
        nature.bootTime = random.pick(200_000...8_000_000)
        if isDoomed { nature.boot = random.pick([.fails, .fails, .hangs, .otherVersion, .cannotSpawn]) }
        if random.oneIn(2) {
            nature.bootExit = random.pick([WorkerExit(), WorkerExit(), WorkerExit(), WorkerExit(signal: 11)])
        }
        guard !scenario.isQuiet else { return nature }
        // Too many failed starts in a row would end the pool.
        if !isDoomed, random.oneIn(isBlocked ? 2 : scenario.badBoots),
            ledger.failedStartsInRow + unheard + openCases < scenario.options.failedStartLimit - 1
        {
            nature.boot = random.pick([.fails, .fails, .hangs, .otherVersion, .cannotSpawn])
        }
        nature.beats = !random.oneIn(4)
        nature.isNoisy = random.oneIn(scenario.noisy)
        nature.repeatsResults = random.oneIn(5)
        nature.isStubborn = random.oneIn(6)
        nature.exitsCleanly = random.oneIn(4)
        nature.isSlowToReturn = random.oneIn(3)
        nature.timeToDie = random.oneIn(3) ? random.pick(0...900_000_000) : random.pick(0...2_000_000)
        nature.keepsWhatItHas = random.oneIn(6)
        nature.staysAfterDrain = random.oneIn(10)
        nature.saysBye = !random.oneIn(4)
        nature.leavesAfter = random.oneIn(12) ? random.pick(0...200_000_000) : nil
        // While the client provides no tasks, some workers exit early.
        if isBlocked, random.oneIn(2),
            ledger.failedStartsInRow + unheard + openCases < scenario.options.failedStartLimit - 1
        {
            nature.leavesAfter = random.pick([nature.bootTime / 2, 20_000_000])
        }
        nature.leavesGrandchild = random.oneIn(10)
        return nature
    }

    /// The number of open cases of all commands; each open case may count as a failed start.
    private var openCases: Int { ledger.commands.reduce(0) { $0 + $1.open.count } }

    /// The number of workers whose start may still fail.
    private var unheard: Int { unburied.count { !ledger.lives[$0.worker.life].hasSpoken } }
}
