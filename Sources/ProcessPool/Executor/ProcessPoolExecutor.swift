// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A pool of worker processes that run functions of this program, or a program of their own.
///
/// It is modelled on Python's `concurrent.futures.ProcessPoolExecutor`. A task that crashes, hangs or takes all
/// memory costs its own future, and nothing else: its worker is replaced, and the pool goes on.
///
///     let double = WorkerFunction("double") { (number: Int) in number * 2 }
///
///     let pool = ProcessPoolExecutor()
///     let future = pool.submit(double, 21)
///     print(try await future.value)
///     await pool.shutdown()
///
/// Nothing starts before the first task. All functions may be called from any thread. All executors of a
/// process share one thread, which ends with the last of them. When the last reference to an executor is gone,
/// the tasks that were submitted still end, and then its workers. When the process ends, its workers end too.
public final class ProcessPoolExecutor: Sendable {
    let core: PoolCore

    /// Creates a pool.
    ///
    /// - Parameters:
    ///   - workers: What the workers run; by default the functions of this program.
    ///   - configuration: The settings of the pool. `maxWorkers` and `maxTasksPerWorker` must be 1 or more.
    public init(
        _ workers: PoolWorkers = .thisProgram,
        configuration: PoolConfiguration = PoolConfiguration()
    ) {
        Self.refuseInWorkers()
        precondition(configuration.maxWorkers > 0, "maxWorkers must be 1 or more")
        precondition(configuration.maxTasksPerWorker ?? 1 > 0, "maxTasksPerWorker must be 1 or more")
        core = PoolCore(workers, configuration)
    }

    /// Creates a pool of functions of this program, with at most `maxWorkers` workers.
    public convenience init(maxWorkers: Int) {
        self.init(configuration: PoolConfiguration(maxWorkers: maxWorkers))
    }

    deinit { core.close(cancelsPending: false) }

    // MARK: Submitting

    /// Submits a task: a call of a function of this program in a worker.
    ///
    /// It returns at once, and tasks begin in the order in which they were submitted. If the pool was shut
    /// down, or the input cannot be sent, the future fails.
    public func submit<Input, Output>(
        _ function: WorkerFunction<Input, Output>,
        _ input: Input
    ) -> PoolFuture<Output> {
        let future = future(function, input)
        core.add([future.raw])
        return future
    }

    /// Submits a task for a program.
    ///
    /// The input is the task of the worker protocol if its JSON is an object; any other input is the member
    /// `input` of the task. The output is the worker's `result`.
    public func submit<Input: Encodable & Sendable, Output: Decodable & Sendable>(
        _ input: Input,
        returning type: Output.Type = Output.self
    ) -> PoolFuture<Output> {
        let future = ProgramCoder<Input, Output>().future(input, core)
        core.add([future.raw])
        return future
    }

    /// Submits a task for a program without coding: a JSON text, whose result is the JSON text of the worker.
    ///
    /// Both are UTF-8. The text is the task if it is an object; any other value is the member `input` of the
    /// task.
    public func submit(json text: [UInt8]) -> PoolFuture<[UInt8]> {
        let future = ProgramTask.future(core, decode: { $0.array(0..<$0.count) }) { try ProgramTask.of(text) }
        core.add([future.raw])
        return future
    }

    /// Returns a future that is not submitted.
    func future<Input, Output>(
        _ function: WorkerFunction<Input, Output>,
        _ input: Input
    ) -> PoolFuture<Output> {
        do throws(ProcessPoolError) {
            try core.workers.checkFunctions()
            let task = try function.task(for: input)
            return PoolFuture(raw: RawFuture(core, task), decode: function.decodeOutput)
        } catch {
            return PoolFuture(raw: RawFuture(core, failed: error), decode: function.decodeOutput)
        }
    }

    // MARK: Ending

    /// Refuses further tasks, waits for the others, and ends the workers.
    ///
    /// When it returns, all futures have ended, and no process of the pool is left. A second call waits for
    /// the same end.
    ///
    /// - Parameter cancelPending: True to cancel the tasks that no worker has.
    public func shutdown(cancelPending: Bool = false) async {
        core.close(cancelsPending: cancelPending)
        await core.waitUntilLeft()
    }

    /// Refuses further tasks, and returns at once; the pool ends when the other tasks have ended.
    ///
    /// - Parameter cancelPending: True to cancel the tasks that no worker has.
    public func beginShutdown(cancelPending: Bool = false) {
        core.close(cancelsPending: cancelPending)
    }

    /// Ends the pool: refuses further tasks, cancels those that no worker has, and ends the workers by SIGTERM.
    ///
    /// It returns at once. The futures of tasks that workers have fail with
    /// ``ProcessPoolError/workerDied(_:)``. A worker that lives on is killed after
    /// ``PoolConfiguration/teardown``. To wait for the end, call ``shutdown(cancelPending:)`` next.
    public func terminateWorkers() {
        core.close(cancelsPending: true, ending: .end(isGentle: true))
    }

    /// Ends the pool as ``terminateWorkers()`` does, but by SIGKILL.
    public func killWorkers() {
        core.close(cancelsPending: true, ending: .end(isGentle: false))
    }

    // MARK: Looking

    /// The times that the workers have spent in each state so far, and the slowest tasks.
    ///
    /// It is also right after a shutdown.
    public var statistics: PoolStatistics { core.statistics }

    /// The settings of the pool.
    public var configuration: PoolConfiguration { core.configuration }
}
