// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import Foundation
import Glibc
import Platform
import ProcessPool
import SimulationSupport

/// A complete run in a simulated world: the real coordinator, frontier, spool ledger, pools and loop, with
/// simulated workers and a manual clock.
///
/// Everything derives from one seed. If a rule is broken, the program ends at once and prints how to replay
/// the seed.
final class RunWorld {
    let seed: UInt64
    let scenario: RunScenario
    let network: VirtualNetwork
    var tally = RunTally()
    private(set) lazy var ledger = RunLedger(self)
    private(set) lazy var output = FakeOutput(in: self, &random)
    private(set) lazy var input = FakeInput(in: self, &random)
    private(set) lazy var spool = FakeSpool(capacity: Self.capacity(scenario.room, &random), in: self)
    /// The time of the clock that also runs while the machine is suspended, in nanoseconds.
    private(set) var real = 0
    /// True if an event must wake the loop.
    var isWoken = false
    /// True if a descriptor may have become ready.
    var isStirred = false
    private var turns = 0

    private var random: SeededGenerator
    private var agenda = Agenda<() -> Void>()
    private var processes: [FakeProcess] = []
    /// The largest number of planned failed starts that the run can count in a row, for each pool.
    ///
    /// The key is `FakeProcess.isFetcher`. Five failed starts in a row can end the run.
    private var doomed: [Bool: Int] = [:]
    private var signals = SignalWatch.Signals(count: 0, first: 0)
    /// The earliest time of the suspension that has not come yet, in nanoseconds; empty if there is none.
    private var suspensions: [Int] = []
    /// True if the machine was suspended.
    private var hasSlept: Bool { scenario.suspendedAt != nil && suspensions.isEmpty }
    /// The earliest time of the stall that has not come yet, in nanoseconds; empty if there is none.
    private var stalls: [Int] = []
    private var idleTurns = 0
    private let tells: ((String) -> Void)?

    init(seed: UInt64, tells: ((String) -> Void)? = nil) {
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        scenario = RunScenario(&random)
        network = VirtualNetwork(outages: scenario.isCalm ? 2 : 16, &random)
        self.random = random
        self.tells = tells
        // These lazy properties are created in this order, so that a seed always gives the same world.
        _ = (output, input, spool)
        suspensions = scenario.suspendedAt.map { [$0] } ?? []
        stalls = scenario.stalledAt.map { [$0] } ?? []
        for (number, time) in scenario.signals.enumerated() {
            later(time) { [unowned self] in self.signal(number) }
        }
    }

    private static func capacity(_ room: RunScenario.Room, _ random: inout SeededGenerator) -> Int {
        switch room {
        case .plenty: 1 << 40
        case .little: random.pick(2...8) * RunScenario.largestBody
        case .none: RunScenario.largestBody / 4
        }
    }

    var isTold: Bool { tells != nil }

    func tell(_ text: @autoclosure () -> String) {
        guard let tells else { return }
        tells(String(format: "%12.6f  ", Double(real) / 1e9) + text())
    }

    /// Ends the program because a rule was broken.
    func fail(_ rule: String) -> Never {
        print("seed \(seed), at \(Double(real) / 1e9) s: \(rule)")
        print("replay it with: SIMULATION_SEED=\(seed) Scripts/simulate runs")
        exit(1)
    }

    /// Ends the program unless `holds` is true.
    func require(_ holds: Bool, _ rule: @autoclosure () -> String) {
        if !holds { fail(rule()) }
    }

    func makeGenerator() -> SeededGenerator { SeededGenerator(seed: random.next()) }

    func cameUp(_ process: FakeProcess) {
        doomed[process.isFetcher] = processes.count { other in
            // A dead worker is counted until its release, because the run perhaps still treats the worker as
            // alive.
            other.isFetcher == process.isFetcher && !other.isReleased && other.nature.boot != .good
        }
    }

    func plan(_ line: Int) -> LinePlan { scenario.lines[line % scenario.lines.count] }

    func later(_ nanoseconds: Int, _ happens: @escaping () -> Void) {
        agenda.add(happens, at: real + nanoseconds)
    }

    private func signal(_ number: Int) {
        let name = seed % 2 == 0 ? SIGTERM : SIGINT
        tell("signal \(name)")
        signals = SignalWatch.Signals(count: number + 1, first: number == 0 ? name : signals.first)
        ledger.interrupted()
        tally.note(number == 0 ? .firstSignal : .secondSignal)
        isWoken = true
    }

    /// Runs to the end, and checks the final state.
    func run() {
        let parts = RunEnvironment(
            scenario.settings,
            host: self,
            signals: { [unowned self] in self.signals },
            input: input.queue,
            startInput: { [unowned self] in self.input.start() },
            output: output,
            fetchCommands: [WorkerCommand(executable: "fetcher")],
            processCommand: scenario.settings.processing.map { _ in WorkerCommand(executable: "processor") },
            spool: scenario.settings.spoolLimit.map { (spool, $0) },
            seed: seed
        )
        let result = FetchRun.run(scenario.settings, with: parts)
        ledger.checkEnd(result, signals)
        note(result)
        for process in processes {
            // At its end, the run waits at most a second for its processes to be reaped. The suspension of
            // the machine may use up this second.
            let isReaped = process.isReaped || process.isStuck
            let isGone = isReaped && process.isReleased || hasSlept
            require(process.isDead && isGone, "\(process.name) is left at the end")
            let isClosed = process.input < 0 && process.output < 0 && process.errors < 0 && process.pidfd < 0
            require(isClosed, "descriptors of \(process.name) are left open")
        }
    }
}

extension RunWorld {
    /// Counts the events of a finished run.
    private func note(_ result: RunResult) {
        tally.endSeed()
        (tally.records, tally.turns) = (ledger.records, turns)
        if scenario.input == .endless { tally.note(.endlessInput) }
        if scenario.input == .slow { tally.note(.slowInput) }
        if result.exitStatus == 4 { tally.note(.cannotStart) }
        if result.exitStatus == 5 { tally.note(.tooManyFailures) }
        if result.exitStatus == 6 { tally.note(.deadline) }
        if result.exitStatus == 3, scenario.room == .none { tally.note(.stuckSpool) }
    }
}

// MARK: Loop host

extension RunWorld: LoopHost {
    var realTime: Int { real }

    func start(
        _ words: [String],
        in surroundings: WorkerSurroundings,
        showsBacktrace: Bool
    ) throws -> any WorkerLink {
        let isFetcher = words[0] == "fetcher"
        let isDoomed =
            (isFetcher ? scenario.cannotFetch : scenario.cannotProcess)
            // At most two random failures are planned in a row. Five failed starts in a row can end the run,
            // and a death during the first task or by a signal can also count as a failed start.
            || random.oneIn(scenario.badBoots) && doomed[isFetcher, default: 0] < 2
        if isDoomed { doomed[isFetcher, default: 0] += 1 }
        let nature = Nature.random(scenario, isFetcher: isFetcher, isDoomed: isDoomed, &random)
        if isDoomed { tally.note(nature.boot) }
        if nature.boot == .cannotSpawn {
            if isFetcher { ledger.lacksFetcher() }
            throw NoProcess()
        }
        let process = FakeProcess(pid: Int32(processes.count), nature, isFetcher: isFetcher, in: self)
        processes.append(process)
        tell("\(process.name) starts, \(nature)")
        if let kills = scenario.kills, random.oneIn(kills) {
            let time = random.oneIn(3) ? random.pick(0...4_000_000) : random.pick(0...300_000_000)
            process.later(time) { process in
                // A death before `hasShownLife` would count as a failed start, and five failed starts in a
                // row can end the run.
                guard process.hasShownLife else { return }
                process.world.tally.note(.outsideKill)
                process.die(WorkerExit(signal: SIGKILL))
            }
        }
        return process
    }

    private struct NoProcess: Error, CustomStringConvertible {
        var description: String { "no process can be created" }
    }

    func takeKernelKill() -> Bool { false }

    func rest(nanoseconds: Int) {
        real += nanoseconds
    }

    func sleep(_ entries: inout [pollfd], milliseconds: Int32) {
        turns += 1
        ledger.checkTurn()
        input.readNextIfTaken()
        // The turn of the loop itself takes time.
        real += random.pick(500...8_000)
        let start = real
        let end = milliseconds < 0 ? Int.max : real + Int(milliseconds) * 1_000_000
        happen()
        while !isWoken, !markReady(&entries) {
            isStirred = false
            while !isStirred, !isWoken, let next = agenda.next, next <= end {
                real = max(real, next)
                happen()
            }
            guard !isStirred, !isWoken else { continue }
            require(milliseconds >= 0, "nothing will ever happen, and \(ledger.missing) lines have no record")
            real = max(real, end)
            break
        }
        // In a scenario with `isTorn`, this call does not report a descriptor that becomes ready during the
        // delays of `standStill`.
        if scenario.isTorn { _ = markReady(&entries) }
        idleTurns = real == start ? idleTurns + 1 : 0
        standStill()
        if !scenario.isTorn { _ = markReady(&entries) }
        isWoken = false
        ledger.beginTurn()
        require(idleTurns < 10_000, "the loop makes 10,000 turns without waiting")
        require(real < 24 * 3_600_000_000_000, "the run does not end")
    }

    private func happen() {
        while let (_, event) = agenda.take(upTo: real) { event() }
    }

    private func markReady(_ entries: inout [pollfd]) -> Bool {
        var isReady = false
        for index in entries.indices where entries[index].fd >= 0 {
            guard processes[Int(entries[index].fd / 4)].isReady(entries[index].fd) else { continue }
            entries[index].revents = entries[index].events
            isReady = true
        }
        return isReady
    }

    /// In a scenario with `isSlow`, lets a read take up to 1.5 s, on average once in 100 reads.
    func takeTime() {
        guard scenario.isSlow, random.oneIn(100) else { return }
        pass(until: real + random.pick(1...1_500) * 1_000_000)
        ledger.passTime()
    }

    private func pass(until end: Int) {
        while let next = agenda.next, next <= end {
            real = max(real, next)
            happen()
        }
        real = end
    }

    /// Adds the delays that are due: up to 0.3 ms at random, the hour of suspension, and the stall.
    private func standStill() {
        if random.oneIn(4) {
            real += random.pick(0...300_000)
            happen()
        }
        if let time = suspensions.last, real >= time {
            suspensions = []
            tally.note(.suspension)
            tell("the machine is suspended for an hour")
            real += 3_600_000_000_000
            agenda.postpone(by: 3_600_000_000_000)
        }
        if let time = stalls.last, real >= time {
            stalls = []
            tally.note(.stall)
            tell("the loop stands still")
            pass(until: real + random.pick(1_500...20_000) * 1_000_000)
        }
    }
}
