// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// A pool of worker processes that run functions of this program, or a program of their own.
///
/// The model is Python's `concurrent.futures.ProcessPoolExecutor`. If a task crashes its worker, only the
/// future of this task fails. With ``PoolConfiguration/taskDeadline`` and ``PoolConfiguration/memoryLimit``,
/// the same holds for a task that hangs or takes too much memory. The worker is replaced, and all other tasks
/// go on.
///
///     let double = WorkerFunction("double") { (number: Int) in number * 2 }
///
///     ProcessPoolExecutor.serveIfWorker(double)
///     let pool = ProcessPoolExecutor()
///     let future = pool.submit(double, 21)
///     print(try await future.value)
///     await pool.shutdown()
///
/// No thread and no worker starts before the first task. All methods may be called from any thread.
///
/// Without a reference to the executor, the pool ends as after ``beginShutdown(cancelPending:)`` with
/// `false`. A map and its iterator also refer to their executor.
///
/// When this program ends, workers that serve functions end immediately. Other workers should end at the end
/// of their input; another process, the guard, kills them if they still run five seconds later.
///
/// While a program ignores SIGCHLD, the kernel keeps no exit status of its children (wait(2)). So the start
/// of a worker gives an ignored SIGCHLD its default action. A program can inherit an ignored SIGCHLD from the
/// program that started it.
public final class ProcessPoolExecutor: Sendable {
    let core: PoolCore

    /// Creates a pool.
    ///
    /// In a worker that has not called ``serveIfWorker(_:initialize:finish:)``, this initializer ends the
    /// process with an error message.
    ///
    /// - Parameters:
    ///   - workers: The program or the functions that the workers run; by default the functions of this
    ///     program.
    ///   - configuration: The settings of the pool. `maxWorkers` and, unless it is `nil`, `maxTasksPerWorker`
    ///     must be 1 or more.
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

    /// Submits a task: a function to call, and its input.
    ///
    /// This method returns immediately. The pool sends tasks in the order in which they were submitted, apart
    /// from tasks that it sends again. The future fails at once if the pool was shut down, its workers do not
    /// run functions, or the input cannot be sent.
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
    /// If the JSON of the input is an object, it is the `task` of the worker protocol. Any other input
    /// becomes the member `input` of the task. The value of the future is decoded from the worker's `result`.
    ///
    /// This method returns immediately. The future fails at once if the pool was shut down, its workers run
    /// functions, or the input cannot be sent.
    public func submit<Input: Encodable & Sendable, Output: Decodable & Sendable>(
        _ input: Input,
        returning type: Output.Type = Output.self
    ) -> PoolFuture<Output> {
        let future = ProgramCoder<Input, Output>().future(input, core)
        core.add([future.raw])
        return future
    }

    /// Submits a JSON text as a task for a program; the value of the future is the JSON text of the result.
    ///
    /// Both texts are UTF-8. Tasks and errors are as in ``submit(_:returning:)``.
    public func submit(json text: [UInt8]) -> PoolFuture<[UInt8]> {
        let future = ProgramTask.future(core, decode: { $0.array(0..<$0.count) }) { try ProgramTask.of(text) }
        core.add([future.raw])
        return future
    }

    /// Returns a future whose task is not submitted.
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

    /// Refuses further tasks, waits for the submitted tasks, and ends the workers.
    ///
    /// When this function returns, all futures have ended, and no process of the pool is left. A second call
    /// waits for the same end.
    ///
    /// There are two exceptions. If a worker has not ended 10 s after SIGKILL, this function does not wait
    /// any longer for this worker.
    ///
    /// The second exception concerns a `Process` of Foundation that this program starts while a worker
    /// starts. Such a process can keep open the socket through which Foundation notices the worker's end. The
    /// entry of the ended worker in the process table then stays until the `Process` ends. In this case, this
    /// function waits for up to one second.
    ///
    /// - Parameter cancelPending: True to cancel the tasks whose state is ``FutureState/pending``.
    public func shutdown(cancelPending: Bool = false) async {
        core.close(cancelsPending: cancelPending)
        await core.waitUntilLeft()
    }

    /// Refuses further tasks, and returns immediately; the pool ends when the submitted tasks have ended.
    ///
    /// - Parameter cancelPending: True to cancel the tasks whose state is ``FutureState/pending``.
    public func beginShutdown(cancelPending: Bool = false) {
        core.close(cancelsPending: cancelPending)
    }

    /// Ends the pool: refuses further tasks, cancels the tasks that no worker has, and sends SIGTERM to the
    /// workers.
    ///
    /// This method returns immediately. If a worker has a task, the task's future fails with
    /// ``ProcessPoolError/workerDied(_:)``. A worker that survives SIGTERM gets SIGKILL after
    /// ``PoolConfiguration/teardown``. To wait for the end, call ``shutdown(cancelPending:)`` next.
    public func terminateWorkers() {
        core.close(cancelsPending: true, ending: .end(isGentle: true))
    }

    /// Ends the pool as ``terminateWorkers()`` does, but with SIGKILL.
    ///
    /// After ``terminateWorkers()``, this function kills the workers that still live.
    public func killWorkers() {
        core.close(cancelsPending: true, ending: .end(isGentle: false))
    }

    // MARK: Statistics and settings

    /// The times that the workers have spent in each state so far, and the slowest tasks.
    ///
    /// The values are complete after a shutdown.
    public var statistics: PoolStatistics { core.statistics }

    /// The settings of the pool.
    public var configuration: PoolConfiguration { core.configuration }
}
