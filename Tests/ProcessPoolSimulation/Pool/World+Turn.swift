// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import SimulationSupport

// One turn of the loop: reading the workers' lines, and providing the client's tasks.

extension World {
    func turn() throws(Failure) {
        let before = events
        for worker in unburied { try read(worker) }
        watchMemory()
        if end == nil {
            handOut()
            bringAboutTheEnd()
            hastenTheEnd()
        }
        if events == before { noteForAll(.tick) }
        var actions: [PoolAction] = []
        if !ledger.isEnding { ledger.willSettle(at: now) }
        state.settle(at: now, into: &actions)
        try perform(actions)
        if let failure { throw failure }
        try ledger.didBury()
        try checkPlaces()
    }

    /// Checks that another turn of the loop follows at once if the pool can hold more of the client's tasks.
    private func checkPlaces() throws(Failure) {
        guard end == nil, !isBlocked, ledger.submittedTasks < scenario.tasks.count else { return }
        let wanted = state.wanted(at: now)
        let wake = state.nextWake()
        try require(
            wanted == 0 || wake.map { $0 <= now } ?? false,
            "the pool can hold \(wanted) more tasks, but the loop sleeps"
        )
    }

    /// Reports the workers that hold too much memory and have tasks, after their output was read.
    private func watchMemory() {
        for life in grown where !workers[life].isDead && state.isBusy(workers[life].worker) {
            tell("\(name(workers[life].worker)) has grown too large")
            note(.outgrew, life)
            ledger.outgrew(life)
            feed(.outgrew(workers[life].worker))
        }
        grown = []
    }

    private func handOut() {
        state.mayGetMore = false
        guard !isBlocked else { return }
        state.measurePace(at: now)
        var wanted = state.wanted(at: now)
        while wanted > 0, ledger.submittedTasks < scenario.tasks.count {
            let token = ledger.submittedTasks
            noteForAll(.submitted)
            ledger.submitted(token)
            feed(
                .submitted(
                    token: token,
                    mayRepeat: scenario.tasks[token].mayRepeat,
                    bound: Scenario.bound,
                    affinity: Scenario.affinity(of: token)
                )
            )
            wanted -= 1
        }
        state.mayGetMore = wanted == 0
    }

    /// At the planned time, drains, terminates or stops the pool, or makes all further starts fail.
    ///
    /// If all further starts fail, the world also kills the workers.
    private func bringAboutTheEnd() {
        guard !ledger.isDrained, !ledger.isEnding else { return }
        if scenario.end == .drained || isDoomed {
            guard ledger.submittedTasks == scenario.tasks.count else { return }
            guard isTheMoment else { return agenda.add(.wake, at: real + 1_000_000) }
            tell("drain")
            noteForAll(.drain)
            ledger.isDrained = true
            return feed(.drain)
        }
        guard ledger.endedTasks >= scenario.endsAfter else { return }
        guard isTheMoment else { return agenda.add(.wake, at: real + 1_000_000) }
        if scenario.end == .stopped, random.oneIn(4) {
            tell("terminate")
            noteForAll(.terminate)
            ledger.isEnding = true
            ledger.hasTimeToExit = true
            feed(.terminate)
            // The workers have a second to exit. In half of these runs, the pool is stopped before this
            // second is over, and the workers that still live are killed.
            let time = real + random.pick(0...2_000_000_000)
            killsAt = time
            agenda.add(.wake, at: time)
        } else if scenario.end == .stopped {
            tell("stop")
            noteForAll(.stop)
            ledger.isEnding = true
            feed(.stop)
        } else {
            tell("no worker can be started any more")
            isDoomed = true
            agenda.add(.wake, at: real)
            for worker in unburied { agenda.add(.kill(life: worker.worker.life), at: real) }
        }
    }

    /// Stops a terminated pool once `killsAt` is reached, so that the pool kills its workers.
    private func hastenTheEnd() {
        guard let killsAt, killsAt <= real else { return }
        self.killsAt = nil
        tell("stop")
        ledger.hasTimeToExit = false
        feed(.stop)
    }

    /// True if some worker is in the preferred state for the end, or if the world has waited too long for
    /// this state.
    ///
    /// Each access lowers `patience` by 1.
    private var isTheMoment: Bool {
        patience -= 1
        if patience <= 0 { return true }
        return unburied.contains { ledger.lives[$0.worker.life].state == scenario.momentOfEnd }
    }

    private func read(_ worker: FakeWorker) throws(Failure) {
        let (id, life) = (worker.worker, worker.worker.life)
        for line in worker.read() { try take(line, from: worker) }
        let isHeldOpen = worker.nature.leavesGrandchild
        if worker.isOutputClosed || (worker.isDead && !isHeldOpen), ledger.lives[life].outputClosed == nil {
            tell("\(name(id)) has closed its output")
            note(.outputClosed, life)
            ledger.closedOutput(life, at: now)
            feed(.outputClosed(id))
        }
        guard let exit = worker.exit else { return try check() }
        if isHeldOpen {
            let believed = witness.believed(life, at: now)
            guard now >= believed else { return agenda.add(.wake, at: real + (believed - now)) }
        }
        tell("\(name(id)) has ended: \(exit.signal.map { "signal \($0)" } ?? "status \(exit.status)")")
        note(exit.isClean ? .cleanEnd : .badEnd, life)
        unburied.removeAll { $0 === worker }
        witness.attend(worker, ledger.lives[life])
        let unread = worker.unread
        if unread > 0 { coverage.note(.unread) }
        retire(id, exit, unread: unread, isTorn: worker.isTorn) {
            .ended(id, exit, unread: unread, isTorn: worker.isTorn)
        }
        try check()
    }

    /// Passes a worker's end to the pool.
    ///
    /// The function then checks the fates of the worker's tasks, unless the pool is ending.
    func retire(
        _ id: WorkerID,
        _ exit: WorkerExit,
        wasStarted: Bool = true,
        unread: Int = 0,
        isTorn: Bool = false,
        _ event: () -> PoolEvent
    ) {
        let opened = ledger.commands.reduce(0) { $0 + $1.open.count }
        ledger.willBury(id.life, exit, wasStarted: wasStarted, unread: unread, isTorn: isTorn, at: now)
        if ledger.isGivingUp { ledger.isEnding = true }
        if ledger.commands.reduce(0, { $0 + $1.open.count }) > opened { coverage.note(.opened) }
        for verdict in ledger.verdicts.values where verdict == .back { coverage.note(.requeued) }
        feed(event())
        guard !ledger.isEnding else { return }
        do throws(Failure) {
            try ledger.didBury()
        } catch {
            failure = failure ?? error
        }
    }

    private func take(_ line: Line, from worker: FakeWorker) throws(Failure) {
        let (id, life) = (worker.worker, worker.worker.life)
        tell("\(name(id)) says \(line)")
        let event = event(of: line, from: life)
        note(event, life)
        if case .result(let seq) = line {
            events += 1
            let token = ledger.lives[life].flights.first { $0.seq == seq }?.token
            var accepted = state.accept(result: seq, from: id, at: now)
            if accepted == nil {
                ledger.expectSkipped(to: seq, by: life)
                feed(.skipped(id, to: seq))
                try checkSpoilt()
                accepted = state.accept(result: seq, from: id, at: now)
            }
            try ledger.noteResult(seq, by: life, taken: accepted?.token, at: now)
            if let token, accepted != nil {
                coverage.note(.completed)
                witness.ended(token, .completed)
            }
            return try check()
        }
        if event == .returned { coverage.note(.recalled) }
        let isFirstHello = !ledger.lives[life].hasGreeted
        let unread = worker.unread
        ledger.read(line, from: life, unread: unread, at: now)
        feed(poolEvent(of: line, from: id, isFirstHello: isFirstHello, unread: unread))
        try checkSpoilt()
        try ledger.checkConfirmed()
        try check()
    }

    /// Checks that an unusable result ended its task at once.
    private func checkSpoilt() throws(Failure) {
        if let failure { throw failure }
        try require(ledger.spoilt.isEmpty, "tasks \(ledger.spoilt) got unusable results, but have not ended")
    }

    private func poolEvent(of line: Line, from id: WorkerID, isFirstHello: Bool, unread: Int) -> PoolEvent {
        switch line {
        case .hello:
            let crew = ledger.lives[id.life].crew
            // A later `hello` differs on purpose from the first in its name and its concurrency.
            let concurrency = isFirstHello ? crew.concurrency : 64
            let trusted = crew.isCoordinator ? "fetchpool" : "ours"
            let name = isFirstHello == crew.isTrusted ? trusted : "theirs"
            return .hello(id, Hello(name: name, concurrency: concurrency), unread: unread)
        case .otherVersion: return .refused(id, unread: unread)
        case .beat(let isHeld): return .beat(id, isHeld: isHeld, unread: unread)
        case .bye: return .bye(id)
        case .start(let seq): return .started(id, seq: seq)
        case .returned(let seq): return .returned(id, seq: seq)
        case .other, .result: return .spoke(id)
        case .part: return .sentPart(id)
        case .echo: return .echoed(id, UnusableLine(shown: "echo", reason: "", bytes: line.bytes))
        case .stray: return .garbage(id, UnusableLine(shown: "stray", reason: "", bytes: line.bytes))
        case .flood: return .garbage(id, UnusableLine(shown: "flood", reason: "", bytes: line.bytes))
        case .spoilt(let seq):
            return .garbage(
                id,
                UnusableLine(
                    shown: "spoilt",
                    reason: "",
                    bytes: line.bytes,
                    isResultLike: true,
                    numbers: [seq]
                )
            )
        case .nameless:
            return .garbage(id, UnusableLine(shown: "{", reason: "", bytes: line.bytes, isResultLike: true))
        }
    }

    private func event(of line: Line, from life: Int) -> Coverage.Event {
        func isOwn(_ seq: Int) -> Bool { ledger.lives[life].flights.contains { $0.seq == seq } }
        return switch line {
        case .hello: .hello
        case .otherVersion: .otherVersion
        case .beat(let isHeld): isHeld ? .heldBeat : .beat
        case .bye: .bye
        case .start(let seq): isOwn(seq) ? .started : .strayStart
        case .returned(let seq):
            isOwn(seq) && ledger.lives[life].mayReturn > 0 ? .returned : .strayReturn
        case .result(let seq): isOwn(seq) ? .result : .strayResult
        case .other: .other
        case .part: .part
        case .echo: .echo
        case .stray: .stray
        case .flood: .flood
        case .spoilt(let seq): isOwn(seq) ? .spoilt : .straySpoilt
        case .nameless: .nameless
        }
    }

    /// Notes an event of a worker in its present state.
    func note(_ event: Coverage.Event, _ life: Int) {
        coverage.note(event, ledger.lives[life].state)
    }

    private func noteForAll(_ event: Coverage.Event) {
        for worker in unburied { note(event, worker.worker.life) }
    }

    func feed(_ event: PoolEvent) {
        events += 1
        var actions: [PoolAction] = []
        state.handle(event, at: now, into: &actions)
        do throws(Failure) {
            try perform(actions)
        } catch {
            failure = failure ?? error
        }
    }

    /// Checks the pool's numbers of unended and of queued tasks.
    private func check() throws(Failure) {
        if let failure { throw failure }
        try require(
            state.unendedTasks == ledger.submittedTasks - ledger.endedTasks,
            "the pool holds \(state.unendedTasks) tasks, but should hold \(ledger.submittedTasks - ledger.endedTasks)"
        )
        try require(
            state.queuedTasks == ledger.queuedTasks,
            "the pool has \(state.queuedTasks) tasks queued, but should have \(ledger.queuedTasks)"
        )
    }
}
