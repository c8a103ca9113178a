// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire

/// The settings of a pool.
///
/// Every setting has a default, so that `PoolConfiguration()` is a pool with one worker for each usable core.
public struct PoolConfiguration: Sendable {
    /// The most workers that live at once, 1 or more; by default the number of usable cores.
    ///
    /// Cores count as usable by the affinity of the process and by the quota of its control groups. Workers
    /// start as tasks come, and idle workers get tasks before new ones start.
    public var maxWorkers = UsableCores.count
    /// The number of tasks after which a new worker replaces a worker, 1 or more; `nil` for no limit.
    public var maxTasksPerWorker: Int?
    /// The time after which a worker without a task ends; `nil` for no limit.
    ///
    /// A new worker starts when there are tasks again.
    public var idleTimeout: Duration?
    /// The longest time that a worker may work on one task; `nil` for no limit.
    ///
    /// It counts from the moment at which the worker can begin the task, without the time in queues. After it
    /// the worker is ended, and the task fails with ``ProcessPoolError/deadlineExceeded(_:)``.
    public var taskDeadline: Duration?
    /// The longest time from the start of a worker to its first line, 60 s by default.
    ///
    /// It includes the worker's `initialize`.
    public var startDeadline: Duration = .seconds(60)
    /// The most memory of one worker; `nil` for no limit.
    ///
    /// Workers that serve functions also limit themselves (`RLIMIT_DATA` of getrlimit(2)). The resident
    /// memory of each busy worker is read ten times a second, and a worker above the limit is killed. The task
    /// fails with a ``ProcessPoolError/workerDied(_:)`` whose ``WorkerDeath/isOutOfMemory`` is true.
    public var memoryLimit: ByteCount?
    /// The number of times that a task which killed its worker is tried again, each time first on a new
    /// worker; 0 by default, so that no task runs twice in workers that take one task at a time.
    ///
    /// Tasks that waited behind it go to other workers in any case, because they have not begun.
    public var crashRetries = 0
    /// The time that a worker has to give up a task that was cancelled while it worked on it, 0.1 s by
    /// default; then the worker is ended.
    public var cancelGrace: Duration = .milliseconds(100)
    /// The time between SIGTERM and SIGKILL for a worker that must end, 1 s by default.
    public var teardown: Duration = .seconds(1)
    /// Variables for the workers' environment, besides those of this process, which they replace.
    public var environment: [String: String] = [:]
    /// The number that is added to the niceness of the workers (setpriority(2)), from 0 to 19; 0 by default.
    public var niceness = 0

    /// Creates the settings of a pool with all defaults.
    public init() {}

    /// Creates the settings of a pool with at most `maxWorkers` workers, and defaults.
    public init(maxWorkers: Int) { self.maxWorkers = maxWorkers }

    /// The settings that each worker gets in its first line.
    var workerSettings: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if let memoryLimit {
            writer.name("memory_bytes")
            writer.integer(memoryLimit.bytes)
        }
        writer.endObject()
        return writer.take()
    }
}

extension PoolOptions {
    /// Creates the engine's options for an executor.
    init(_ configuration: PoolConfiguration, _ workers: PoolWorkers) {
        self.init(workers: configuration.maxWorkers)
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
    /// Creates a number of milliseconds from a duration, rounded up and not negative; 30 years at most.
    init(_ duration: Duration) {
        let longest = Duration.seconds(1_000_000_000)
        let (seconds, attoseconds) = min(max(duration, .zero), longest).components
        self.init(Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
