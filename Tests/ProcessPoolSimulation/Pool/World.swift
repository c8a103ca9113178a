// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import SimulationSupport

/// A pool with fake workers and a clock that the simulation sets.
///
/// The world uses `PoolState` as `PoolLoop` does. The world reads the workers' output, provides tasks, lets
/// the pool decide, performs the decisions, and sleeps until the next event. Everything depends on one seed.
final class World {
    /// A future event.
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
    /// The started workers whose ends the pool does not know yet.
    var unburied: [FakeWorker] = []
    var agenda = Agenda<Entry>()
    /// The time of a clock that never stops, in nanoseconds.
    var real = 0
    var clock = LoopClock(real: 0)
    var sentSeqs = [1]
    var sentOnce: Set<Int> = [1]
    /// The workers that began to hold too much memory since the last turn of the loop (`turn`).
    var grown: [Int] = []
    /// The end of the pool; `nil` while the pool runs.
    var end: PoolEnd?
    /// The first broken rule, if it could not be thrown at once.
    var failure: Failure?
    /// True if no worker can be started from now on.
    var isDoomed = false
    /// The time at which the workers of a terminated pool will be killed; `nil` if no kill is planned.
    var killsAt: Int?
    /// The number of further turns in which the world waits for the preferred moment to end the pool.
    var patience = 1_000
    private var blockedUntil = 0
    private var isAsleep = false
    /// The loop's time while the loop stands still; `nil` while the loop runs.
    private var stoodStillAt: PoolTime?

    static let minute = 60_000_000_000
    static let hour = 60 * minute

    /// Creates the world of a seed; `tells` receives the trace.
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

    /// The time of the loop's clock, for deadlines.
    var now: PoolTime { stoodStillAt ?? clock.time(at: real) }

    /// True if the client provides no tasks, because its output is blocked.
    var isBlocked: Bool { real < blockedUntil && real >= blockedUntil - Self.minute }

    /// Runs until the pool's end.
    ///
    /// - Throws: The first broken rule.
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
            try require(idleTurns < 1_000, "the pool asks for 1,000 turns at the same time")
            sleep(until: max(next, real))
            try require(workers.count < 20_000, "20,000 workers were started, and the run does not end")
        }
        try checkEnd()
    }

    /// Moves the clock forward, and performs the events that become due.
    private func sleep(until next: Int) {
        // Like a real loop, this loop is sometimes a little late.
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
        // The workers continued, but their output was not read.
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

    /// Adds a worker's planned steps to the agenda.
    func collectSteps(of worker: FakeWorker) {
        for (after, step) in worker.steps {
            // While the loop stands still for an hour, a worker sends at most one beat and one random line.
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
        try require(unburied.isEmpty, "\(unburied.count) workers are still alive")
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
            try require(!ledger.isEnding, "the pool drained, but should have ended at once")
        case .stopped: try require(scenario.end == .stopped, "the pool stopped, but nobody stopped it")
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

    /// Adds a line with the time to the trace.
    func tell(_ text: @autoclosure () -> String) {
        tells?("\(milliseconds(now.nanoseconds))  \(text())")
    }

    /// Returns the name of a worker: its slot and its life.
    func name(_ worker: WorkerID) -> String { "worker \(worker.slot)/\(worker.life)" }

    private func milliseconds(_ nanoseconds: Int) -> String {
        let micros = "\(nanoseconds / 1_000 % 1_000)"
        return "\(nanoseconds / 1_000_000).\(String(repeating: "0", count: 3 - micros.count))\(micros) ms"
    }
}
