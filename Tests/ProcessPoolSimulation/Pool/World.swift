// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import SimulationSupport

/// A pool among fake workers, with a clock that is moved by hand.
///
/// It does with `PoolState` what `PoolLoop` does with it: reads all that workers wrote, has tasks handed out, lets the
/// pool settle, carries out what was decided, sleeps until something happens. Everything comes from one seed.
final class World {
    /// What is to happen.
    enum Entry {
        case step(life: Int, FakeWorker.Step)
        case recall(life: Int, max: Int)
        case drain(life: Int)
        case termination(life: Int)
        case kill(life: Int)
        case sleep, wake
    }

    let scenario: Scenario
    let tells: ((String) -> Void)?
    var coverage = Coverage()
    var events = 0
    var random: SeededGenerator
    var state: PoolState
    var ledger: Ledger
    var witness: Witness
    var workers: [FakeWorker] = []
    var unburied: [FakeWorker] = []
    var agenda = Agenda<Entry>()
    /// Nanoseconds on a clock that never stops.
    var real = 0
    var clock = LoopClock(real: 0)
    var sentSeqs = [1]
    var sentOnce: Set<Int> = [1]
    /// Workers that hold too much memory, which the next turn will see.
    var grown: [Int] = []
    /// How the pool ended.
    var end: PoolEnd?
    /// The first rule that did not hold, where it could not be thrown at once.
    var failure: Failure?
    /// Whether no worker can be started from now on.
    var isDoomed = false
    /// Turns that the end waits for its moment, at most.
    var patience = 1_000
    private var blockedUntil = 0
    private var isAsleep = false
    /// The time that the loop knows while it stands still.
    private var stoodStillAt: PoolTime?

    static let minute = 60_000_000_000
    static let hour = 60 * minute

    /// Makes the world of a seed; `tells` is told what happens there.
    init(seed: UInt64, tells: ((String) -> Void)? = nil) {
        random = SeededGenerator(seed: seed)
        scenario = Scenario(&random)
        state = PoolState(scenario.options)
        ledger = Ledger(scenario, places: state.places)
        witness = Witness(scenario)
        self.tells = tells
        if scenario.sleepsAnHour { agenda.add(.sleep, at: random.pick(0...400) * 1_000_000) }
        if scenario.isBlockedAMinute {
            blockedUntil = random.pick(0...100) * random.pick([0, 0, 1_000_000]) + Self.minute
            agenda.add(.wake, at: blockedUntil)
        }
    }

    /// The time that deadlines are measured by.
    var now: PoolTime { stoodStillAt ?? clock.time(at: real) }

    /// Whether the client hands out nothing, because its output is blocked.
    var isBlocked: Bool { real < blockedUntil && real >= blockedUntil - Self.minute }

    /// Runs to the pool's end.
    ///
    /// - Throws: The first rule that did not hold.
    func run() throws(Failure) {
        var idleTurns = 0
        while end == nil {
            try turn()
            if end != nil { break }
            let wake = state.nextWake()
            try ledger.checkMotion(wake: wake, at: now)
            let next = [agenda.next, wake.map { $0 - now + real }].compactMap(\.self).min()
            guard let next else {
                throw Failure("nothing will ever happen, and \(state.unendedTasks) tasks have not ended")
            }
            idleTurns = next <= real ? idleTurns + 1 : 0
            try require(idleTurns < 1_000, "the pool asks to be woken at once, again and again")
            sleep(until: max(next, real))
            try require(workers.count < 20_000, "workers come and go, and the run does not end")
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
        stoodStillAt = clock.advance(to: real)
        real += Self.hour
        // The workers went on, but nobody read what they wrote.
        while let (_, entry) = agenda.take(upTo: real) { perform(entry) }
        stoodStillAt = nil
        _ = clock.advance(to: real, planned: 250_000_000)
        tell("the loop stood still for an hour")
    }

    private func perform(_ entry: Entry) {
        switch entry {
        case .step(let life, .outgrow):
            grown.append(life)
        case .step(let life, let step): workers[life].perform(step)
        case .recall(let life, let max): workers[life].recall(max: max)
        case .drain(let life): workers[life].drain()
        case .termination(let life): workers[life].terminate()
        case .kill(let life): workers[life].die(WorkerExit(signal: 9), of: .outside)
        case .sleep: isAsleep = true
        case .wake: break
        }
        switch entry {
        case .step(let life, _), .drain(let life), .termination(let life): collectSteps(of: workers[life])
        case .recall, .kill, .sleep, .wake: break
        }
    }

    /// Notes what a worker wants to do later.
    func collectSteps(of worker: FakeWorker) {
        for (after, step) in worker.steps {
            // In an hour's sleep a worker says once that it lives, not 3,600 times.
            let isTalk =
                switch step {
                case .beat, .noise: true
                default: false
                }
            agenda.add(
                .step(life: worker.worker.life, step),
                at: real + after + (isAsleep && isTalk ? Self.hour : 0)
            )
        }
        worker.steps.removeAll(keepingCapacity: true)
    }

    private func checkEnd() throws(Failure) {
        try require(unburied.isEmpty, "\(unburied.count) workers live on")
        try require(state.unendedTasks == 0, "\(state.unendedTasks) tasks have not ended")
        try require(
            ledger.endedTasks == ledger.submittedTasks,
            "\(ledger.endedTasks) of \(ledger.submittedTasks) tasks have ended"
        )
        switch end {
        case .drained:
            try require(
                ledger.submittedTasks == scenario.tasks.count,
                "the pool drained before its input had ended"
            )
            try require(!ledger.isEnding, "the pool drained, but was to end at once")
        case .stopped: try require(scenario.end == .stopped, "the pool was stopped by nobody")
        case .cannotStart:
            try require(
                ledger.isGivingUp,
                "the pool gave up after \(ledger.failedStartsInRow) failed starts"
            )
        case nil: throw Failure("the pool has not ended")
        }
        if scenario.isQuiet, scenario.end == .drained, end == .drained {
            try Prophecy(scenario).check(witness)
        }
    }

    // MARK: The trace

    /// Tells what happened, and when.
    func tell(_ text: @autoclosure () -> String) {
        tells?("\(milliseconds(now.nanoseconds))  \(text())")
    }

    /// Names a worker: its place, and which of the pool's processes it is.
    func name(_ worker: WorkerID) -> String { "worker \(worker.slot)/\(worker.life)" }

    private func milliseconds(_ nanoseconds: Int) -> String {
        let micros = "\(nanoseconds / 1_000 % 1_000)"
        return "\(nanoseconds / 1_000_000).\(String(repeating: "0", count: 3 - micros.count))\(micros) ms"
    }
}
