// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// What the world knows of each task and each worker by itself, kept beside the pool to hold it to its word.
///
/// It is told of what was read and what was decided, and fails at the first decision that breaks a rule. The rules are
/// those of the pool's documents, written a second time: nothing here asks the pool what it thinks.
struct Ledger {
    /// Where a task is.
    enum Place: Equatable {
        case notSubmitted, queued
        case inFlight(life: Int)
        case ended
    }

    struct Task {
        var place = Place.notSubmitted
        /// Deaths it was blamed for.
        var crashes = 0
        /// Deaths of concurrent workers that had it in hand.
        var deaths = 0
        /// Departures, with this in hand, of workers that had answered nothing.
        var departures = 0
        /// How often a worker began it.
        var begun = 0
        /// Whether it waits for a fresh worker.
        var awaitsRetry = false
        /// True if the verdict on its worker's death waits.
        var isOpen = false
    }

    /// What must become of a task at its worker's death.
    enum Verdict: Equatable {
        case back
        case blamed(isOutOfMemory: Bool)
        case flooded(isFinal: Bool)
        case crashed, lost, late
    }

    /// What is known of a command: whether it can start, whether its workers say hello before they begin or only seem to,
    /// whether they work without, and how long that took at most.
    struct Command {
        var canStart = false
        var greets = false
        var seemsToGreet = false
        var isSilent = false
        var slowestStart = 0
        /// Starts in a row that failed, with no answer between them.
        var failedStarts = 0
        /// Tasks whose workers died before a first line, with the verdicts that wait.
        var open: [(token: Int, hasGreeted: Bool, verdict: Verdict)] = []

        var isInDoubt: Bool { !canStart && !open.isEmpty }
        var suspectedFailures: Int { failedStarts + (canStart ? 0 : open.count) }
    }

    let scenario: Scenario
    var tasks: [Task]
    var lives: [Life] = []
    /// The number of the last life of each slot, and the failures in a row and the end of the back-off there.
    var slots: [(life: Int?, failures: Int, quietUntil: PoolTime)]
    var commands: [Command]
    /// Tasks that must end for what was printed in place of their answers.
    var spoilt: Set<Int> = []
    /// Whether no further task comes, and whether the pool is being ended.
    var isDrained = false
    var isEnding = false
    /// True if the worker that could not be started last is of a kind that never can.
    var isHopeless = false
    /// True if the worker that was buried last was one too many that could not start.
    var isGivingUp = false
    var submittedTasks = 0
    var endedTasks = 0
    var queuedTasks = 0
    /// When a task ended, or a worker came or went, last.
    var lastProgress = PoolTime(nanoseconds: 0)
    /// What is still to be heard of the tasks of the worker that was buried last.
    var verdicts: [Int: Verdict] = [:]

    init(_ scenario: Scenario, places: Int) {
        self.scenario = scenario
        commands = Array(repeating: Command(), count: scenario.options.commands)
        tasks = Array(repeating: Task(), count: scenario.tasks.count)
        slots = Array(repeating: (nil, 0, PoolTime(nanoseconds: 0)), count: places)
    }

    mutating func submitted(_ token: Int) {
        tasks[token].place = .queued
        (submittedTasks, queuedTasks) = (submittedTasks + 1, queuedTasks + 1)
    }

    mutating func spawned(_ worker: WorkerID, _ crew: Crew, at now: PoolTime) throws(Failure) {
        let slot = slots[worker.slot]
        try require(worker.life == lives.count, "life \(worker.life) is started, but \(lives.count) is next")
        try require(
            slot.life.map { lives[$0].isBuried } ?? true,
            "slot \(worker.slot) is taken"
        )
        try require(!isEnding, "a worker is started in a pool that ends")
        try require(now >= slot.quietUntil, "slot \(worker.slot) is filled before its back-off is over")
        slots[worker.slot].life = worker.life
        lives.append(Life(worker, crew, started: now))
        lastProgress = now
    }

    /// Notes that work on a task begins; returns how often that has happened before.
    mutating func begin(_ token: Int) -> Int {
        tasks[token].begun += 1
        return tasks[token].begun - 1
    }

    mutating func end(_ token: Int, at now: PoolTime) throws(Failure) {
        switch tasks[token].place {
        case .notSubmitted, .ended:
            throw Failure("task \(token) ends, but is \(tasks[token].place)")
        case .queued: queuedTasks -= 1
        case .inFlight: break
        }
        tasks[token].place = .ended
        endedTasks += 1
        lastProgress = now
    }

    mutating func requeue(_ token: Int) {
        tasks[token].place = .queued
        queuedTasks += 1
    }

    /// The most starts in a row that failed of one command.
    var failedStartsInRow: Int { commands.map(\.failedStarts).max() ?? 0 }

    func command(of life: Int) -> Int { lives[life].worker.slot % scenario.options.commands }
}
