// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// The simulation's own record of each task and each worker, with checks of the pool's decisions.
///
/// The ledger receives the workers' lines and the pool's decisions. The ledger fails at the first decision
/// that breaks a rule, or if a required decision is missing. The rules are those of the pool's documents,
/// written a second time. The ledger uses nothing of the pool's own state, except the number of slots, the
/// number of tasks that a worker may hold, and the time of the next wake-up.
struct Ledger {
    /// The state of a task: not submitted yet, without a worker, in flight with a worker, or ended.
    enum Place: Equatable {
        case notSubmitted, queued
        case inFlight(life: Int)
        case ended
    }

    struct Task {
        var place = Place.notSubmitted
        /// The number of ends of workers for which the task was blamed and then retried.
        var crashes = 0
        /// The number of deaths of concurrent workers that the task may have caused.
        ///
        /// Once `losses` has reached `lossLimit`, further ends of the kind that `losses` counts are counted
        /// here, even those of sequential workers.
        var deaths = 0
        /// The number of ends of workers that the pool must count in the task's `PoolState.Entry.timesLeft`.
        var departures = 0
        /// The number of ends of trusted workers that probably had nothing to do with the task, at most
        /// `lossLimit`.
        var losses = 0
        /// The number of times that a worker began the task.
        var begun = 0
        /// True if the task was blamed for a death, and has not been sent since then; always false with
        /// `PoolOptions.startsMachines`.
        var awaitsRetry = false
        /// True while an open case (`Command.open`) has the task.
        var isOpen = false
    }

    /// The required fate of a task at its worker's death.
    enum Verdict: Equatable {
        /// The task is requeued.
        case back
        /// The task is retried; without a retry left, the task ends as crashed.
        case blamed(isOutOfMemory: Bool)
        /// The worker printed too much. If `isFinal` is false and a retry is left, the task is retried;
        /// otherwise the task ends.
        case flooded(isFinal: Bool)
        /// The task ends, without a retry.
        case crashed, lost, late
    }

    /// The facts known about a command.
    ///
    /// A property without a comment means the same as the property of this name in `CommandState`.
    struct Command {
        var canStart = false
        var greets = false
        var seemsToGreet = false
        var isSilent = false
        var runsCoordinators = false
        var slowestStart = 0
        /// The number of failed starts since a worker of the command last sent its first line or a result;
        /// the `hello` of a child coordinator does not count.
        ///
        /// If a process could not be created for a permanent reason (`Ledger.isHopeless`), and the command
        /// was not known (`CommandState.isKnown`), the number is at least `failedStartLimit`.
        var failedStarts = 0
        /// The time of the last start that gave no process and counted in `failedStarts`; `nil` if each start
        /// gave one.
        var lackedProcessAt: PoolTime?
        var failingSince = PoolTime(nanoseconds: 0)
        var isHopeless = false
        /// The tasks whose workers died before a first line, if the cause of the death is not known yet.
        ///
        /// `hasGreeted` is true if the worker said `hello` while the pool was ending the worker; this `hello`
        /// does not count as a first line. `verdict` applies if the task is blamed. `lived` is the time from
        /// the start of the worker to its death, in milliseconds.
        var open: [(token: Int, hasGreeted: Bool, verdict: Verdict, lived: Int)] = []

        var isInDoubt: Bool { !canStart && !open.isEmpty }
        var suspectedFailures: Int { failedStarts + (canStart ? 0 : open.count) }
    }

    let scenario: Scenario
    var tasks: [Task]
    /// The workers in the order of their starts; in messages, `life 7` is the worker whose `WorkerID.life` is
    /// 7.
    var lives: [Life] = []
    /// For each slot: its last worker, the number of its back-offs since the last result of its workers, and
    /// the end of its last back-off.
    ///
    /// `life` is `nil` until a worker is started in the slot.
    var slots: [(life: Int?, failures: Int, quietUntil: PoolTime)]
    var commands: [Command]
    /// For each affinity: the worker that got the last task, without retries (`Task.awaitsRetry`) and without
    /// suspects (2 or more `Task.deaths`).
    private var homes: [Int: Int] = [:]
    /// The tasks that must end because of unusable output in place of their results.
    var spoilt: Set<Int> = []
    /// True if no further task comes.
    var isDrained = false
    /// True if the pool is being ended.
    var isEnding = false
    /// True if the workers of a pool that is being ended have a second to exit after SIGTERM.
    var hasTimeToExit = false
    /// True if the last failed creation of a process had a permanent reason, so that each further attempt
    /// fails too.
    ///
    /// Failed starts of processes that were created do not change the value.
    var isHopeless = false
    /// The slots whose workers the pool has decided to start, but the world has not started yet.
    var slotsToStart: Set<Int> = []
    /// True if the last failed start must end the pool.
    var isGivingUp = false
    var submittedTasks = 0
    var endedTasks = 0
    var queuedTasks = 0
    /// The last time at which a task was sent or ended, or a worker started or ended.
    var lastProgress = PoolTime(nanoseconds: 0)
    /// The required fates of tasks, until the pool reports these fates.
    ///
    /// The tasks are those of the worker that ended last, and those of cases that are no longer open.
    var verdicts: [Int: Verdict] = [:]

    init(_ scenario: Scenario, places: Int) {
        self.scenario = scenario
        commands = Array(repeating: Command(), count: scenario.options.commands)
        if scenario.options.startsMachines { for index in commands.indices { commands[index].greets = true } }
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

    /// Notes that work on a task begins; returns the number of times that this work began before.
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

    /// Returns the `life` of the worker that must get a task because of the task's affinity; `nil` if any
    /// worker may get the task.
    func home(of token: Int) -> Int? {
        guard scenario.options.keepsAffinity, let affinity = Scenario.affinity(of: token),
            let life = homes[affinity], lives[life].takesWork
        else { return nil }
        return life
    }

    /// Notes the worker that got a task; `home` returns this worker for later tasks of the task's affinity.
    mutating func settle(_ token: Int, in life: Int) {
        if let affinity = Scenario.affinity(of: token) { homes[affinity] = life }
    }

    /// The highest `failedStarts` of all commands.
    var failedStartsInRow: Int { commands.map(\.failedStarts).max() ?? 0 }

    func command(of life: Int) -> Int { lives[life].worker.slot % scenario.options.commands }
}
