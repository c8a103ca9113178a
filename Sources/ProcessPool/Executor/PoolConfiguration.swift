// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire

/// The settings of a pool.
public struct PoolConfiguration: Sendable {
    /// The largest number of workers that live at a time, 1 or more; by default the number of usable cores.
    ///
    /// The CPU affinity of the process and the CPU quotas of its control groups limit the usable cores.
    /// Workers are started as tasks come. Idle workers get tasks before new workers are started. A number
    /// above 10,000 means 10,000.
    public var maxWorkers = UsableCores.count
    /// The number of tasks after which a worker is replaced, 1 or more; `nil` for no limit.
    public var maxTasksPerWorker: Int?
    /// The time after which a worker without a task is ended; `nil` for no limit.
    public var idleTimeout: Duration?
    /// The longest time that a worker may work on one task; `nil` for no limit.
    ///
    /// After this time, the worker is ended, and the task fails with
    /// ``ProcessPoolError/deadlineExceeded(_:)``. The time counts from the moment at which the worker can
    /// begin the task. If a program does several tasks at the same time, the time counts from the message
    /// `start` that the program sends for the task. If the program never sends `start`, the time counts from
    /// the sending of the task, or from the worker's first line if this line comes later.
    public var taskDeadline: Duration?
    /// The longest time that a worker with a task may take to send its first line; 60 s by default.
    ///
    /// The time counts from the start of the worker, or from its first task if this task comes later. This
    /// time includes the function `initialize` of a worker that serves functions. After this time, the worker
    /// is ended, and its start has failed.
    ///
    /// Another limit applies if ``taskDeadline`` is set, and the pool does not know that the workers of a
    /// program send `hello` first. The pool then allows some time for the start, at most `startDeadline`, and
    /// after it the full ``taskDeadline``. After this limit, the task fails with
    /// ``ProcessPoolError/deadlineExceeded(_:)``.
    public var startDeadline: Duration = .seconds(60)
    /// The most memory of one worker; `nil` for no limit.
    ///
    /// The resident memory of each busy worker is read about ten times a second, and a worker above the limit
    /// is killed. Workers that serve functions, and programs with the library `PoolWorker`, also limit
    /// themselves (`RLIMIT_DATA` of getrlimit(2)). If the worker does one task at a time, its task is
    /// retried (``crashRetries``), or fails with a ``ProcessPoolError/workerDied(_:)`` whose
    /// ``WorkerDeath/isOutOfMemory`` is true.
    public var memoryLimit: ByteCount?
    /// The number of retries of a task that killed its worker, 0 or more; 0 by default.
    ///
    /// With 0, no call of a function runs twice. Tasks that waited in the dead worker have not begun, so they
    /// go to other workers in any case. While the pool ends a worker because of one task, the worker may
    /// finish this task and begin the next one. The end of the worker then counts as a death that the next
    /// task has caused. For a program that works on several tasks at the same time, this number does not
    /// limit the retries.
    public var crashRetries = 0
    /// The time for which a worker may continue with a task that was cancelled, 0.1 s by default.
    ///
    /// After this time, the worker is ended. If the worker does several tasks at the same time, only the task
    /// ends (``PoolFuture/cancel()``).
    public var cancelGrace: Duration = .milliseconds(100)
    /// The time between SIGTERM and SIGKILL for a worker, 1 s by default.
    ///
    /// If the main thread of this program blocks signals, a worker that runs a program
    /// (``PoolWorkers/program(_:arguments:)``) begins with these signals blocked. If SIGTERM is among them,
    /// only SIGKILL ends a worker that does not unblock SIGTERM. A worker that serves functions is started
    /// with most signals blocked, and unblocks them when it serves. If a shell script starts such a worker,
    /// the script keeps these signals blocked, so SIGTERM does not end the script.
    public var teardown: Duration = .seconds(1)
    /// Variables for the environment of the workers, in addition to those that this process has when the pool
    /// is created.
    ///
    /// A variable given here replaces an inherited variable of the same name. The pool itself sets
    /// `FETCHPOOL_OUTPUT_TAIL` for all workers, `FETCHPOOL_WORKER` for workers that serve functions, and
    /// `FETCHPOOL_START` for workers that run a program. The pool also sets `PYTHONFAULTHANDLER` and
    /// `SWIFT_BACKTRACE` if they are not set. If an inherited variable has bytes that are not UTF-8, other
    /// bytes replace them for a worker that runs a program.
    public var environment: [String: String] = [:]
    /// The number that is added to the niceness of the workers (setpriority(2)), from 0 to 19; 0 by default.
    public var niceness = 0

    /// Creates the settings of a pool with their defaults.
    public init() {}

    /// Creates the default settings of a pool with at most `maxWorkers` workers.
    public init(maxWorkers: Int) { self.maxWorkers = maxWorkers }

    /// The settings, a JSON object, in the first line that the pool sends to each worker.
    var workerSettings: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if let memoryLimit {
            writer.name("memory_bytes")
            // Workers read integers below 2^53.
            writer.integer(min(memoryLimit.bytes, (1 << 53) - 1))
        }
        writer.endObject()
        return writer.take()
    }
}

extension PoolOptions {
    /// The largest number of workers of an executor; the pool stores data for each of them, even before their
    /// starts.
    private static let mostWorkers = 10_000

    /// Creates the options of an executor's pool.
    init(_ configuration: PoolConfiguration, _ workers: PoolWorkers) {
        self.init(workers: min(configuration.maxWorkers, Self.mostWorkers))
        crashRetries = configuration.crashRetries
        startDeadline = PoolTime.Milliseconds(configuration.startDeadline)
        taskDeadline = configuration.taskDeadline.map { PoolTime.Milliseconds($0) }
        idleTimeout = configuration.idleTimeout.map { PoolTime.Milliseconds($0) }
        killDelay = PoolTime.Milliseconds(configuration.teardown)
        tasksPerLife = configuration.maxTasksPerWorker
        memoryLimitKB = configuration.memoryLimit.map { $0.bytes / 1_024 }
        beginsInOrder = workers.servesFunctions
        seed = UInt64.random(in: 0...UInt64.max)
    }
}

extension PoolTime.Milliseconds {
    /// Creates a number of milliseconds from a duration, rounded up, from 0 to 10^12 (about 32 years).
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.bounded.components
        self.init(Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
