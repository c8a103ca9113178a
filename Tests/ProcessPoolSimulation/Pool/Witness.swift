// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// Records what truly happened, as the fake workers themselves and not their output show.
///
/// The pool can only infer which task caused a death. This code compares its conclusions with the truth.
struct Witness {
    private struct Task {
        var beganAt = PoolTime(nanoseconds: 0)
        var beganBy = -1
        /// The number of deaths of concurrent workers that had read the task.
        var deaths = 0
        /// True if something other than the task may have ended it or cost it an attempt.
        var isHarmed = false
        var fate: Coverage.Fate?
    }

    private let scenario: Scenario
    private var tasks: [Task]
    private var believed: [Int: PoolTime] = [:]
    /// The workers that were known to be concurrent when they died.
    private var concurrentLives: Set<Int> = []
    /// The tasks that workers were working on when they were asked to end.
    private var accused: [Int: Int] = [:]

    init(_ scenario: Scenario) {
        self.scenario = scenario
        tasks = Array(repeating: Task(), count: scenario.tasks.count)
    }

    /// Notes that a worker is asked to end because of its current task.
    mutating func askedToEnd(_ worker: FakeWorker, _ life: Life) {
        accused[worker.worker.life] = worker.oldest
    }

    mutating func began(_ token: Int, by life: Int, at now: PoolTime) {
        (tasks[token].beganAt, tasks[token].beganBy) = (now, life)
    }

    mutating func ended(_ token: Int, _ fate: Coverage.Fate) { tasks[token].fate = fate }

    /// Returns the time at which the pool accepts a worker's end although its output is held open: 100 ms
    /// after the first call.
    mutating func believed(_ life: Int, at now: PoolTime) -> PoolTime {
        let time = believed[life] ?? now + 100
        believed[life] = time
        return time
    }

    /// Examines a worker that has died, before its pool learns of it.
    mutating func attend(_ worker: FakeWorker, _ life: Life) {
        if life.isConcurrent {
            concurrentLives.insert(worker.worker.life)
            // If several workers in a row read nothing, the first task counts as read.
            let isAnyRead = worker.jobs.contains(where: \.isRead)
            for (index, job) in worker.jobs.enumerated() where tasks[job.token].fate == nil {
                if job.isRead || (index == 0 && !isAnyRead) { tasks[job.token].deaths += 1 }
            }
        }
        for job in worker.jobs where mayHarm(job, of: worker, life) { tasks[job.token].isHarmed = true }
    }

    /// Returns `true` if a task may be ended or charged for a worker's end that it did not cause.
    private func mayHarm(_ job: FakeWorker.Job, of worker: FakeWorker, _ life: Life) -> Bool {
        // A worker that is being ended for another reason may die of a task that is not blamed then.
        if worker.cause == .deed(token: job.token) { return life.isStopping }
        let isConcurrent = worker.nature.concurrency > 1
        if !isConcurrent, life.isStopping, job.deed != .work, accused[worker.worker.life] != job.token {
            return true
        }
        if !scenario.tasks[job.token].mayRepeat {
            // The task must not be repeated, and may have begun.
            if job.isBegun || (isConcurrent && !worker.nature.isTrusted) { return true }
            if worker.oldest == job.token || worker.isTorn || !worker.offenders.isEmpty { return true }
        }
        // Of the tasks begun in a frozen worker, the first late one counts as the cause.
        if isConcurrent { return worker.isFrozen && job.isBegun }
        // A worker that dies between two tasks has begun the second, as far as the pool can know.
        if case .answered = worker.cause { return worker.oldest == job.token }
        return false
    }

    // MARK: The truth of a verdict

    /// Fails if a task is blamed for something that it cannot have caused.
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
            // The worker began the task when it was sent, after the previous result, or after its first line,
            // and needed a moment. Before its hello, a concurrent worker may have been sent more tasks than
            // it begins at once.
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
        // Before its hello, each worker counts as sequential. Its output during its end is free. A task that
        // ended because of earlier unusable output may still be in the worker's list before the next one.
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

    /// Checks the blame in a concurrent worker: the task cannot be repeated and may have begun, or the worker
    /// died with it alone.
    private func confirmSuspect(_ job: FakeWorker.Job, of worker: FakeWorker) throws(Failure) {
        let task = tasks[job.token]
        if !scenario.tasks[job.token].mayRepeat, job.isBegun || !worker.nature.isTrusted { return }
        // Unusable output has ended its task already, and an unread task has not begun.
        let inHand = worker.jobs.count { $0.token == job.token || (tasks[$0.token].fate == nil && $0.isRead) }
        try require(inHand == 1, "task \(job.token) is blamed, and did not die alone")
        try require(task.deaths >= 3, "task \(job.token) is blamed for its \(task.deaths). death")
    }

    /// Returns the end of a task, and `true` if something other than the task may have caused it.
    func fate(of token: Int) -> (fate: Coverage.Fate?, isHarmed: Bool) {
        (tasks[token].fate, tasks[token].isHarmed)
    }
}
