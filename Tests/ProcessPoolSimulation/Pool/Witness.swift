// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// The record of the true events, which the fake workers report directly and not in their output.
///
/// The pool can only infer which task caused a death. The witness compares the pool's decisions with the true
/// events.
struct Witness {
    private struct Task {
        var beganAt = PoolTime(nanoseconds: 0)
        /// The `WorkerID.life` of the worker that began the task last; -1 if no worker has begun it.
        var beganBy = -1
        /// The number of deaths of concurrent or trusted workers that count against the task.
        ///
        /// A death counts against each task that the worker had read. If the worker had read no task, the
        /// death counts against the worker's oldest task.
        var deaths = 0
        /// True if something other than the task may have ended the task or one of its attempts.
        var isHarmed = false
        var fate: Coverage.Fate?
    }

    private let scenario: Scenario
    private var tasks: [Task]
    private var believed: [Int: PoolTime] = [:]
    /// The workers that were known to be concurrent when they died.
    private var concurrentLives: Set<Int> = []
    /// For each worker that the pool began to end: the worker's oldest task at that time.
    private var accused: [Int: Int] = [:]

    init(_ scenario: Scenario) {
        self.scenario = scenario
        tasks = Array(repeating: Task(), count: scenario.tasks.count)
    }

    /// Notes the oldest task of a worker that the pool begins to end.
    mutating func askedToEnd(_ worker: FakeWorker, _ life: Life) {
        accused[worker.worker.life] = worker.oldest
    }

    mutating func began(_ token: Int, by life: Int, at now: PoolTime) {
        (tasks[token].beganAt, tasks[token].beganBy) = (now, life)
    }

    mutating func ended(_ token: Int, _ fate: Coverage.Fate) { tasks[token].fate = fate }

    /// Returns the time at which the pool accepts a worker's end even if another process holds the worker's
    /// output open.
    ///
    /// The time is 100 ms after the first call for this worker.
    mutating func believed(_ life: Int, at now: PoolTime) -> PoolTime {
        let time = believed[life] ?? now + 100
        believed[life] = time
        return time
    }

    /// Examines a worker that has died, before the pool learns of the death.
    mutating func attend(_ worker: FakeWorker, _ life: Life) {
        if life.isConcurrent { concurrentLives.insert(worker.worker.life) }
        // The end of a trusted sequential worker may also count like the end of a concurrent worker.
        if life.isConcurrent || life.isTrusted {
            // If several workers have ended without reading a task, the pool treats their oldest task as
            // read.
            let isAnyRead = worker.jobs.contains(where: \.isRead)
            for (index, job) in worker.jobs.enumerated() where tasks[job.token].fate == nil {
                if job.isRead || (index == 0 && !isAnyRead) { tasks[job.token].deaths += 1 }
            }
        }
        for job in worker.jobs where mayHarm(job, of: worker, life) { tasks[job.token].isHarmed = true }
    }

    /// Returns `true` if something other than a task may decide the task's fate at the worker's end.
    private func mayHarm(_ job: FakeWorker.Job, of worker: FakeWorker, _ life: Life) -> Bool {
        // A worker may die of a task while the pool ends the worker for another reason. The pool then does
        // not have to blame this task.
        if worker.cause == .behavior(token: job.token) { return life.isStopping }
        let isConcurrent = worker.nature.concurrency > 1
        if !isConcurrent, life.isStopping, job.behavior != .work, accused[worker.worker.life] != job.token {
            return true
        }
        if !scenario.tasks[job.token].mayRepeat {
            // The task must not be repeated, and may have begun.
            if job.isBegun || (isConcurrent && !worker.nature.isTrusted) { return true }
            if worker.oldest == job.token || worker.isTorn || !worker.offenders.isEmpty { return true }
        }
        // In a frozen worker, only the first late task counts as the cause.
        if isConcurrent { return worker.isFrozen && job.isBegun }
        // If a worker dies between two tasks, the pool must assume that the second task has begun.
        if case .completed = worker.cause { return worker.oldest == job.token }
        return false
    }

    // MARK: The truth of a verdict

    /// Throws an error if a task is blamed for something that it cannot have caused.
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
            "task \(token) is blamed for unusable lines, but caused none"
        )
    }

    private func confirmDelay(of token: Int, by worker: FakeWorker, at now: PoolTime) throws(Failure) {
        try require(
            worker.jobs.contains { $0.token == token },
            "task \(token) is ended as late in a worker that does not have it"
        )
        guard worker.isBooted else { return }
        let isStuck = worker.isFrozen || worker.isTorn || worker.isOutputClosed || worker.hasSaidBye
        try require(
            isStuck || worker.offenders.contains(token)
                || { if case .hang = scenario.tasks[token].behavior { true } else { false } }(),
            "task \(token) is ended as late, but neither the task nor its worker was stuck"
        )
        if let limit = scenario.options.taskDeadline, tasks[token].beganBy == worker.worker.life {
            // The worker began the task a moment after the latest of these: the sending of the task, the
            // previous result, and the worker's first line. A concurrent worker that sends other lines before
            // its `hello` may get more tasks than it begins at once. So the tolerance for concurrent workers
            // without `start` is 100 ms, not 10 ms.
            let isOfMany = worker.nature.concurrency > 1 && !worker.nature.saysStart
            try require(
                now + (isOfMany ? 100 : 10) >= tasks[token].beganAt + limit,
                "task \(token) is ended as late, but it began only \((now - tasks[token].beganAt) / 1_000_000) ms ago"
            )
        }
    }

    private func confirmDeath(_ exit: WorkerExit, of token: Int, by worker: FakeWorker) throws(Failure) {
        guard let job = worker.jobs.first(where: { $0.token == token }) else {
            throw Failure("task \(token) is blamed for the death of a worker that does not have it")
        }
        if exit.isOutOfMemory {
            let plan = scenario.tasks[token]
            try require(
                plan.behavior == .outgrow || worker.cause != .coordinator || worker.offenders.contains(token),
                "task \(token) has not taken too much memory"
            )
        }
        if concurrentLives.contains(worker.worker.life) { return try confirmSuspect(job, of: worker) }
        // Before its `hello`, each worker counts as sequential, so concurrent workers are checked here too.
        // The pool may blame the task of an unusable result (`garbled`) in two cases: if the pool does not
        // know that the result belongs to this task, and if the pool is ending the worker. A task that ended
        // because of unusable output may still be in the worker's list, before the current task.
        let unended = worker.jobs.filter { tasks[$0.token].fate == nil }
        let (oldest, garbled) = (unended.first { !$0.isGarbled }?.token, unended.first?.token)
        let hasBabbled = !worker.offenders.isEmpty
        let mayBeBegun = !scenario.tasks[token].mayRepeat && (job.isBegun || hasBabbled)
        try require(
            token == oldest || token == garbled || mayBeBegun,
            "task \(token) is blamed, but the worker worked on task \(oldest ?? -1)"
        )
        if case .behavior(let culprit) = worker.cause, worker.nature.concurrency == 1, !worker.isTorn,
            !mayBeBegun
        {
            try require(
                culprit == token || token == garbled,
                "task \(token) is blamed, but task \(culprit) killed the worker"
            )
        }
    }

    /// Checks the blame for the death of a concurrent worker.
    ///
    /// A task that must not be repeated and may have begun is blamed rightly. Any other task must have been
    /// the worker's only task. At least three deaths must count against this task (`Task.deaths`).
    private func confirmSuspect(_ job: FakeWorker.Job, of worker: FakeWorker) throws(Failure) {
        let task = tasks[job.token]
        if !scenario.tasks[job.token].mayRepeat, job.isBegun || !worker.nature.isTrusted { return }
        // A task with unusable output has already ended, and an unread task has not begun.
        let inHand = worker.jobs.count { $0.token == job.token || (tasks[$0.token].fate == nil && $0.isRead) }
        try require(inHand == 1, "task \(job.token) is blamed, but its worker had other tasks")
        try require(task.deaths >= 3, "task \(job.token) is blamed after only \(task.deaths) deaths")
    }

    /// Returns the end of a task, and `true` if something other than the task may have caused this end.
    ///
    /// The end is `nil` if the task has not ended.
    func fate(of token: Int) -> (fate: Coverage.Fate?, isHarmed: Bool) {
        (tasks[token].fate, tasks[token].isHarmed)
    }
}
