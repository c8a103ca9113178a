// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// What truly happened, whether or not anybody could know it: told by the fake workers, not by what they wrote.
///
/// The pool only infers whom a death is due to. Here its inferences are held against the truth.
struct Witness {
    private struct Task {
        var beganAt = PoolTime(nanoseconds: 0)
        var beganBy = -1
        /// Deaths of concurrent workers that had it in hand.
        var deaths = 0
        /// Whether something other than itself may have ended or cost it a try.
        var isHarmed = false
        var fate: Coverage.Fate?
    }

    private let scenario: Scenario
    private var tasks: [Task]
    private var believed: [Int: PoolTime] = [:]
    /// Workers that were known to do many tasks at once when they died.
    private var concurrentLives: Set<Int> = []
    /// What workers were at when they were asked to end.
    private var accused: [Int: Int] = [:]

    init(_ scenario: Scenario) {
        self.scenario = scenario
        tasks = Array(repeating: Task(), count: scenario.tasks.count)
    }

    /// A worker is asked to end, over the task it is at.
    mutating func askedToEnd(_ worker: FakeWorker, _ life: Life) {
        accused[worker.worker.life] = worker.oldest
    }

    mutating func began(_ token: Int, by life: Int, at now: PoolTime) {
        (tasks[token].beganAt, tasks[token].beganBy) = (now, life)
    }

    mutating func ended(_ token: Int, _ fate: Coverage.Fate) { tasks[token].fate = fate }

    /// When the end of a worker is believed whose output somebody holds open: 100 ms after it was seen first.
    mutating func believed(_ life: Int, at now: PoolTime) -> PoolTime {
        let time = believed[life] ?? now + 100
        believed[life] = time
        return time
    }

    /// Looks at a worker that has died, before its pool hears of it.
    mutating func attend(_ worker: FakeWorker, _ life: Life) {
        if life.isConcurrent {
            concurrentLives.insert(worker.worker.life)
            // Where worker after worker reads nothing, the first counts as read.
            let isAnyRead = worker.jobs.contains(where: \.isRead)
            for (index, job) in worker.jobs.enumerated() where tasks[job.token].fate == nil {
                if job.isRead || (index == 0 && !isAnyRead) { tasks[job.token].deaths += 1 }
            }
        }
        for job in worker.jobs where mayHarm(job, of: worker, life) { tasks[job.token].isHarmed = true }
    }

    /// Whether a task may have to pay for the end of a worker that another task, or nobody, is to blame for.
    private func mayHarm(_ job: FakeWorker.Job, of worker: FakeWorker, _ life: Life) -> Bool {
        // What a worker dies of that is being ended for another reason, it is not blamed for.
        if worker.cause == .deed(token: job.token) { return life.isStopping }
        let isConcurrent = worker.nature.concurrency > 1
        if !isConcurrent, life.isStopping, job.deed != .work, accused[worker.worker.life] != job.token {
            return true
        }
        if !scenario.tasks[job.token].mayRepeat {
            // It cannot be done again, and may have begun.
            if job.isBegun || (isConcurrent && !worker.nature.isTrusted) { return true }
            if worker.oldest == job.token || worker.isTorn || !worker.offenders.isEmpty { return true }
        }
        // Of those that have begun in a worker that does nothing more, the first to be late is taken for the cause.
        if isConcurrent { return worker.isFrozen && job.isBegun }
        // One that dies between two tasks has turned to the second as far as anybody can know.
        if case .answered = worker.cause { return worker.oldest == job.token }
        return false
    }

    // MARK: The truth of a verdict

    /// Fails where a task is blamed for what it cannot be to blame for.
    func confirm(_ end: TaskEnd, of token: Int, by worker: FakeWorker, at now: PoolTime) throws(Failure) {
        switch end {
        case .cancelled, .unstartable: break
        case .lost:
            try require(!scenario.tasks[token].mayRepeat, "task \(token) is lost, though it may be repeated")
        case .brokeProtocol: try confirmOffence(of: token, by: worker)
        case .pastDeadline: try confirmDelay(of: token, by: worker, at: now)
        case .crashed(let exit): try confirmDeath(exit, of: token, by: worker)
        }
    }

    private func confirmOffence(of token: Int, by worker: FakeWorker) throws(Failure) {
        try require(
            worker.offenders.contains(token),
            "task \(token) pays for lines that nobody wrote over it"
        )
    }

    private func confirmDelay(of token: Int, by worker: FakeWorker, at now: PoolTime) throws(Failure) {
        try require(worker.jobs.contains { $0.token == token }, "task \(token) is late where it was not")
        guard worker.isBooted else { return }
        let isStuck = worker.isFrozen || worker.isTorn || worker.isOutputClosed || worker.hasSaidBye
        try require(
            isStuck || worker.offenders.contains(token)
                || { if case .hang = scenario.tasks[token].deed { true } else { false } }(),
            "task \(token) is ended as late, and was being done"
        )
        if let limit = scenario.options.taskDeadline, tasks[token].beganBy == worker.worker.life {
            // It turned to the task when that was sent, or it had answered the one before, or said its first line; it took a moment
            // to begin. Before the hello of a worker of many more may have been sent than it begins at once.
            let isOfMany = worker.nature.concurrency > 1 && !worker.nature.saysStart
            try require(
                now + (isOfMany ? 100 : 10) >= tasks[token].beganAt + limit,
                "task \(token) is late before its time: it was begun \((now - tasks[token].beganAt) / 1_000_000) ms ago"
            )
        }
    }

    private func confirmDeath(_ exit: WorkerExit, of token: Int, by worker: FakeWorker) throws(Failure) {
        guard let job = worker.jobs.first(where: { $0.token == token }) else {
            throw Failure("task \(token) is blamed for a death where it was not")
        }
        if exit.isOutOfMemory {
            let plan = scenario.tasks[token]
            try require(
                plan.deed == .outgrow || worker.cause != .coordinator || worker.offenders.contains(token),
                "task \(token) has not taken too much memory"
            )
        }
        if concurrentLives.contains(worker.worker.life) { return try confirmSuspect(job, of: worker) }
        // Until it has said hello, any worker is taken for one that does one task at a time. What it printed while it was
        // being ended cost nothing, and a task that has ended for what it printed before may have been left for the next.
        let unended = worker.jobs.filter { tasks[$0.token].fate == nil }
        let (oldest, garbled) = (unended.first { !$0.isGarbled }?.token, unended.first?.token)
        let hasBabbled = !worker.offenders.isEmpty
        let mayBeBegun = !scenario.tasks[token].mayRepeat && (job.isBegun || hasBabbled)
        try require(
            token == oldest || token == garbled || mayBeBegun,
            "task \(token) is blamed, but the worker was at task \(oldest ?? -1)"
        )
        if case .deed(let culprit) = worker.cause, worker.nature.concurrency == 1, !worker.isTorn, !mayBeBegun
        {
            try require(
                culprit == token || token == garbled,
                "task \(token) is blamed for what task \(culprit) did"
            )
        }
    }

    /// Of many at once one is to blame that cannot be done twice and may have begun, or that died alone.
    private func confirmSuspect(_ job: FakeWorker.Job, of worker: FakeWorker) throws(Failure) {
        let task = tasks[job.token]
        if !scenario.tasks[job.token].mayRepeat, job.isBegun || !worker.nature.isTrusted { return }
        // What it printed in place of an answer has ended that task, and what it has not read it has not begun.
        let inHand = worker.jobs.count { $0.token == job.token || (tasks[$0.token].fate == nil && $0.isRead) }
        try require(inHand == 1, "task \(job.token) is blamed, and did not die alone")
        try require(task.deaths >= 3, "task \(job.token) is blamed for its \(task.deaths). death")
    }

    /// How a task ended, and whether something other than itself may have had a hand in that.
    func fate(of token: Int) -> (fate: Coverage.Fate?, isHarmed: Bool) {
        (tasks[token].fate, tasks[token].isHarmed)
    }
}
