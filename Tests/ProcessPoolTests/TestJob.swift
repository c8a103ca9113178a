// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform
import PoolWire
import ProcessPool
import Synchronization
import TestPrograms
import TestThreads

/// A run of numbered tasks in a pool of real worker processes; the loop of the pool has its own thread.
final class TestJob: PoolClient, LoopClient {
    /// The end of a task; a task whose workers cannot start ends as `cancelled`.
    enum Ending: Equatable, Sendable {
        case result(String)
        case error
        case crashed(WorkerExit)
        case pastDeadline(WorkerExit)
        case lost(WorkerExit)
        case brokeProtocol
        case cancelled
    }

    /// The outcome of the run.
    struct Report: Sendable {
        var endings: [Int: Ending] = [:]
        var end: PoolEnd?
        var lastWords: [String] = []
        /// The exit of the worker with all its members, for each task that got no result because its worker
        /// ended.
        ///
        /// The exits in `endings` have only the members that `WorkerExit.plain` keeps.
        var exits: [Int: WorkerExit] = [:]
        var complaints: [Int: String] = [:]
        var notes: [WorkerNote] = []
        var pids: Set<Int> = []
        /// The process ids of the workers of tasks that ended without a result.
        var endedBy: Set<Int> = []
        var restarts = 0
        /// The tasks that were blamed for the end of a worker and retried, in the order of these ends.
        var triedAgain: [Int] = []
    }

    private var report = Report()
    private let tasks: Int
    private var next = 0
    private lazy var loop = PoolLoop(client: self, host: KernelHost(wake: WakePipe()))
    private var pool = -1

    private init(tasks: Int) {
        self.tasks = tasks
    }

    /// Runs `tasks` tasks with workers that run `script` in a shell.
    static func run(
        tasks: Int,
        workers: Int = 1,
        _ script: String,
        change: @escaping @Sendable (inout PoolOptions) -> Void = { _ in }
    ) -> Report {
        let shell = WorkerCommand(executable: "/bin/sh", arguments: ["-c", script])
        return run(tasks: tasks, workers: workers, commands: [shell], change: change)
    }

    /// Runs `tasks` tasks with stub workers; `words` are the arguments of each stub, and name its fault.
    static func run(
        tasks: Int,
        workers: Int = 1,
        stub words: [String],
        change: @escaping @Sendable (inout PoolOptions) -> Void = { _ in }
    ) -> Report {
        let stub = WorkerCommand(executable: BuiltPrograms.path("stub-worker"), arguments: words)
        return run(tasks: tasks, workers: workers, commands: [stub], change: change)
    }

    /// Runs `tasks` tasks with workers that run `commands`.
    ///
    /// Slot n runs command n modulo the number of commands.
    static func run(
        tasks: Int,
        workers: Int,
        commands: [WorkerCommand],
        change: @escaping @Sendable (inout PoolOptions) -> Void = { _ in }
    ) -> Report {
        precondition(OwnThread.mayBlock, "a test that starts workers needs the trait .ownThread")
        // SIGPIPE must be ignored in the whole process. A program such as fetchpool ignores the signal at its
        // start.
        signal(SIGPIPE, SIG_IGN)
        let done = NSCondition()
        let result = ReportBox()
        let thread = Thread {
            // Threads of tests block signals, and workers would inherit the mask.
            var none = sigset_t()
            unsafe sigemptyset(&none)
            unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
            let job = TestJob(tasks: tasks)
            var options = PoolOptions(workers: workers)
            options.startsAll = true
            options.commands = commands.count
            change(&options)
            job.pool = job.loop.addPool(options, commands: commands, client: job)
            job.loop.run { job.report.end == nil }
            job.report.restarts = job.loop.restarts(of: job.pool)
            result.report.withLock { $0 = job.report }
            done.lock()
            result.isDone.withLock { $0 = true }
            done.signal()
            done.unlock()
        }
        thread.stackSize = 8 << 20
        thread.start()
        done.lock()
        while !result.isDone.withLock({ $0 }) { done.wait() }
        done.unlock()
        return result.report.withLock { $0 }
    }

    private final class ReportBox: Sendable {
        let report = Mutex(Report())
        let isDone = Mutex(false)
    }

    func nextTask() -> PoolTask? {
        guard next < tasks else { return nil }
        next += 1
        return PoolTask(token: next, mayRepeat: true)
    }

    func writeInit(for worker: WorkerID, into writer: inout JSONWriter) {
        writer.writeInit(config: Array("{}".utf8))
    }

    func writeTask(_ token: Int, seq: Int, attempt: Int, to worker: WorkerView, into writer: inout JSONWriter)
    {
        let task = Array("{\"token\":\(token)}".utf8)
        writer.writeTask(seq: seq, attempt: attempt, task: task.span, response: nil)
    }

    func completed(
        _ task: AcceptedResult,
        _ message: ResultMessage,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        let result = message.result.map { Ending.result(String(decoding: line.array($0), as: UTF8.self)) }
        report.endings[task.token] = result ?? .error
        report.pids.insert(worker.pid)
    }

    func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int) {
        report.triedAgain.append(token)
    }

    func ended(_ token: Int, _ end: TaskEnd, by worker: WorkerView?) {
        report.exits[token] = end.exit
        if let worker { report.endedBy.insert(worker.pid) }
        report.complaints[token] = end.complaint
        switch end.plain {
        case .crashed(let exit): report.endings[token] = .crashed(exit)
        case .pastDeadline(let exit): report.endings[token] = .pastDeadline(exit)
        case .lost(let exit): report.endings[token] = .lost(exit)
        case .brokeProtocol: report.endings[token] = .brokeProtocol
        case .cancelled, .unstartable: report.endings[token] = .cancelled
        }
    }

    func noted(_ note: WorkerNote, of worker: WorkerView) {
        report.notes.append(note)
    }

    func poolEnded(_ end: PoolEnd) {
        report.end = end
        if case .cannotStart(_, let exit) = end { report.lastWords = exit.errorTail }
    }

    var expectedTasks: Int { 0 }

    func turn(at now: PoolTime) {
        if next == tasks { loop.drain(pool) }
    }

    func endOfTurn(at now: PoolTime) {}

    func nextWake(after now: PoolTime) -> PoolTime? { nil }
}
