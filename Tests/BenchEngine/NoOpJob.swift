// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform
import PoolWire
import ProcessPool

/// A pool client that submits `tasks` tasks without work.
final class NoOpJob: PoolClient, LoopClient {
    private let tasks: Int
    private let task = Array("{}".utf8)
    private var submitted = 0
    private(set) var results = 0
    private var start: ContinuousClock.Instant?
    private var end: ContinuousClock.Instant?
    private var hasEnded = false
    private lazy var loop = PoolLoop(client: self, host: KernelHost(wake: WakePipe()))
    private var pool = -1

    init(tasks: Int) {
        self.tasks = tasks
    }

    /// The time from the first submission to the last result, in seconds; `nil` while a result is missing.
    var seconds: Double? {
        guard let start, let end else { return nil }
        return (end - start) / .seconds(1)
    }

    /// Runs the tasks with `workers` workers.
    func run(workers: Int) {
        // `/proc/self/exe` is not used, because it names the profiler under some profilers.
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        var options = PoolOptions(workers: workers)
        options.startsAll = true
        pool = loop.addPool(
            options,
            commands: [WorkerCommand(executable: folder + "/fixture-worker")],
            client: self
        )
        loop.run { !hasEnded }
    }

    func nextTask() -> PoolTask? {
        guard submitted < tasks else { return nil }
        if submitted == 0 { start = ContinuousClock().now }
        submitted += 1
        return PoolTask(token: submitted, mayRepeat: true)
    }

    func writeInit(for worker: WorkerID, into writer: inout JSONWriter) {
        writer.writeInit(config: task)
    }

    func writeTask(_ token: Int, seq: Int, attempt: Int, to worker: WorkerView, into writer: inout JSONWriter)
    {
        let task = task
        writer.writeTask(seq: seq, attempt: attempt, task: task.span, response: nil)
    }

    func completed(
        _ task: AcceptedResult,
        _ message: ResultMessage,
        in line: Span<UInt8>,
        by worker: WorkerView
    ) {
        results += 1
        if results == tasks { end = ContinuousClock().now }
    }

    func turn(at now: PoolTime) {
        if submitted == tasks { loop.drain(pool) }
    }

    func poolEnded(_ end: PoolEnd) {
        hasEnded = true
        // If workers cannot start, the end of their standard error usually says why.
        guard case .cannotStart(_, let exit) = end else { return }
        for line in exit.errorTail { print("fixture-worker: \(line)") }
    }

    func triedAgain(_ token: Int, after exit: WorkerExit, nanosecondsInHand: Int) {}
    func ended(_ token: Int, _ end: TaskEnd, by worker: WorkerView?) {}
    var expectedTasks: Int { 0 }
    func noted(_ note: WorkerNote, of worker: WorkerView) {}
    func endOfTurn(at now: PoolTime) {}
    func nextWake(after now: PoolTime) -> PoolTime? { nil }
}
