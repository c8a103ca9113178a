// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform

/// The part of an executor that the pool thread serves: the tasks, which come from any thread, and the pool.
///
/// `@unchecked Sendable`: `lock` guards the properties of the first group, and the state of each future. Only
/// the pool thread uses the properties of the second group.
final class PoolCore: @unchecked Sendable {
    /// A request to the pool thread.
    enum Command {
        case cancel(RawFuture)
        case cancelMap(MapStream)
        case end(isGentle: Bool)
    }

    let configuration: PoolConfiguration
    let workers: PoolWorkers
    /// The command that starts a worker, with the environment that the worker inherits.
    ///
    /// The environment is read when the executor is created, on the thread of the creator: another thread may
    /// change the environment while the pool thread starts a worker.
    let command: WorkerCommand
    private let lock = NSLock()

    // Guarded by the lock.
    private var queue = Deque<QueuedTask>()
    /// The number of tasks in `queue` that were not cancelled.
    private var pendingTasks = 0
    private var commands: [Command] = []
    private var isClosed = false
    /// True if the pool thread was woken and has not yet called `takeCommands`.
    private var isWoken = false
    /// The mailbox of the pool thread while the thread serves this executor; `nil` at other times.
    private var mailbox: PoolThread.Mailbox?
    private var leaveWaiters: [CheckedContinuation<Void, Never>] = []
    private var published = PoolLedger()

    // Used by the pool thread only. Exclusive access is not checked for the structs that each task uses: a
    // check costs 20 ns, and no function of these structs calls code that uses the same struct.
    /// The number of the pool in the loop; `nil` while the executor has no pool.
    var pool: Int?
    /// The time of the current turn of the pool thread's loop.
    var now = PoolTime(nanoseconds: 0)
    /// The time at which the pool ended; `nil` before its end, and while the executor has no pool.
    var endedAt: PoolTime?
    var isDraining = false
    /// The signal with which the user has first ended the pool, SIGTERM or SIGKILL; `nil` if the user has not
    /// ended the pool with a signal.
    var endingSignal: Int32?
    @exclusivity(unchecked) @safe
    var claims = TaskClaims()
    @exclusivity(unchecked) @safe
    var tasks = PoolTasks()
    @exclusivity(unchecked) @safe
    var ledger = PoolLedger()

    init(_ workers: PoolWorkers, _ configuration: PoolConfiguration) {
        (self.workers, self.configuration) = (workers, configuration)
        command = workers.command(configuration, WorkerEnvironment())
    }

    /// Calls `body` with the lock held.
    func locked<Result>(_ body: () -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }

    // MARK: Any thread

    /// Adds the tasks that have not ended to the queue, in order; they fail if the executor was shut down.
    func add(_ futures: [RawFuture]) {
        guard !futures.isEmpty else { return }
        let isRefused = locked {
            guard !isClosed else { return true }
            for future in futures where future.outcome == nil {
                queue.append(.future(future))
                pendingTasks += 1
            }
            return false
        }
        if isRefused {
            for future in futures { end(future, .failure(ProcessPoolError.poolClosed), as: .finished) }
        } else {
            wake()
        }
    }

    /// Adds tasks of a map; returns `false` if the executor was shut down.
    func add(_ batch: MapBatch) -> Bool {
        let isAdded = locked {
            guard !isClosed else { return false }
            queue.append(.batch(batch))
            pendingTasks += batch.count
            batch.stream.pendingTasks += batch.count
            return true
        }
        if isAdded { wake() }
        return isAdded
    }

    /// Cancels the tasks of a map that have not ended, and drops the results that the map has not taken.
    func cancel(_ stream: MapStream) {
        let mustWake = locked {
            guard stream.noteCancelled() else { return false }
            pendingTasks -= stream.pendingTasks
            stream.pendingTasks = 0
            commands.append(.cancelMap(stream))
            dropCancelled()
            return true
        }
        if mustWake { wake() }
    }

    /// Cancels a task; returns `false` if the task had already ended.
    func cancel(_ future: RawFuture) -> Bool {
        var waiters: [RawFuture.Waiter]?
        let (wasOpen, mustWake) = locked {
            switch future.state {
            case .cancelled, .finished: return (false, false)
            case .running:
                commands.append(.cancel(future))
                return (true, true)
            case .pending:
                waiters = future.end(.failure(CancellationError()), as: .cancelled)
                pendingTasks -= 1
                dropCancelled()
                // If the executor was shut down and no other task waits, the pool must be drained now.
                return (true, isClosed && pendingTasks == 0)
            }
        }
        waiters?.resume()
        if mustWake { wake() }
        return wasOpen
    }

    /// Cancels the tasks that have not ended.
    func cancel(_ futures: [RawFuture]) {
        guard !futures.isEmpty else { return }
        var waiters: [RawFuture.Waiter] = []
        locked {
            for future in futures {
                switch future.state {
                case .cancelled, .finished: break
                case .running: commands.append(.cancel(future))
                case .pending:
                    waiters += future.end(.failure(CancellationError()), as: .cancelled) ?? []
                    pendingTasks -= 1
                }
            }
            dropCancelled()
        }
        waiters.resume()
        wake()
    }

    /// Removes the cancelled tasks from a long queue in which few tasks are left.
    ///
    /// Call this function with the lock held.
    private func dropCancelled() {
        guard queue.count > 64, queue.count > 4 * pendingTasks else { return }
        var kept = Deque<QueuedTask>()
        while let task = queue.popFirst() { if task.pendingTasks > 0 { kept.append(task) } }
        queue = kept
    }

    /// Refuses further tasks.
    ///
    /// If `cancelsPending` is true, the tasks in the queue are cancelled. If `ending` is given, the workers
    /// are ended.
    func close(cancelsPending: Bool, ending: Command? = nil) {
        var waiters: [RawFuture.Waiter] = []
        var streams: [MapStream] = []
        let isServed = locked {
            isClosed = true
            if cancelsPending { (waiters, streams) = endQueue(CancellationError(), as: .cancelled) }
            if let ending { commands.append(ending) }
            return mailbox != nil
        }
        waiters.resume()
        for stream in streams { stream.changed.fire() }
        if isServed { wake() }
    }

    /// Ends all tasks in the queue with an error; returns the waiters to resume and the maps to notify.
    ///
    /// Call this function with the lock held. Resume the waiters and notify the maps without the lock.
    private func endQueue(_ error: any Error, as state: FutureState) -> ([RawFuture.Waiter], [MapStream]) {
        var waiters: [RawFuture.Waiter] = []
        var streams: [MapStream] = []
        while let task = queue.popFirst() {
            switch task {
            case .future(let future):
                // All futures end before the waiters run. A waiter may cancel futures of this queue, and
                // `pendingTasks` must not be reduced for a future that has ended.
                waiters += future.end(.failure(error), as: state) ?? []
            case .batch(let batch):
                guard !batch.stream.isCancelled else { continue }
                batch.stream.add(batch.takeRest(error))
                streams.append(batch.stream)
            }
        }
        pendingTasks = 0
        return (waiters, streams)
    }

    /// Waits until no task, no worker and no pool of this executor is left.
    func waitUntilLeft() async {
        await withCheckedContinuation { continuation in
            let isGone = locked {
                // A task may be in the queue although its submitter has not yet woken the pool thread.
                guard mailbox != nil || pendingTasks > 0 else { return true }
                leaveWaiters.append(continuation)
                return false
            }
            if isGone { continuation.resume() }
        }
    }

    var statistics: PoolStatistics { PoolStatistics(locked { published }) }

    private func end(_ future: RawFuture, _ outcome: RawFuture.Outcome, as state: FutureState) {
        locked { future.end(outcome, as: state) }?.resume()
    }

    /// Wakes the pool thread for this executor.
    ///
    /// An executor that the thread does not serve joins the thread if tasks wait. If no task waits, the
    /// requests of such an executor are dropped. If there is no thread, and the system refuses a thread or a
    /// pipe, the waiting tasks fail.
    private func wake() {
        var left: [CheckedContinuation<Void, Never>] = []
        var waiters: [RawFuture.Waiter] = []
        var streams: [MapStream] = []
        let mailbox = locked { () -> PoolThread.Mailbox? in
            guard !isWoken else { return nil }
            guard self.mailbox != nil || pendingTasks > 0 else {
                commands = []
                // These waiters came while a task was in the queue. The task was cancelled before this call.
                (left, leaveWaiters) = (leaveWaiters, [])
                return nil
            }
            do throws(ProcessPoolError) {
                if self.mailbox == nil { self.mailbox = try PoolThread.join(self) }
                isWoken = true
            } catch {
                (waiters, streams) = endQueue(error, as: .finished)
                commands = []
                (left, leaveWaiters) = (leaveWaiters, [])
            }
            return self.mailbox
        }
        waiters.resume()
        for stream in streams { stream.changed.fire() }
        for waiter in left { waiter.resume() }
        mailbox?.wake.wake()
    }

    // MARK: The pool thread

    /// Takes the requests that came since the last call; also returns the state of the queue.
    func takeCommands() -> (commands: [Command], hasPending: Bool, isClosed: Bool) {
        locked {
            defer { commands = [] }
            isWoken = false
            return (commands, pendingTasks > 0, isClosed)
        }
    }

    /// Moves up to `most` tasks from the queue to `claims`; these tasks count as running from now on.
    func claim(_ most: Int) {
        lock.lock()
        defer { lock.unlock() }
        var most = most
        while most > 0, let task = queue.popFirst() {
            let count = min(task.pendingTasks, most)
            guard count > 0 else { continue }
            most -= count
            pendingTasks -= count
            switch task {
            case .future(let future):
                future.state = .running
                claims.add(.future(future))
            case .batch(let batch):
                claims.add(.batch(batch, batch.next..<batch.next + count))
                batch.next += count
                batch.stream.pendingTasks -= count
                if batch.next < batch.count { queue.prepend(task) }
            }
        }
    }

    var waitingTasks: Int { locked { pendingTasks } }

    /// Fails all tasks that the pool does not have.
    func failPending(_ error: any Error) {
        claim(.max)
        claims.fail(error, in: &tasks)
    }

    /// Ends the futures of the tasks that have ended in this turn, passes results on to maps, and resumes the
    /// waiters.
    func publish() {
        if ledger.hasChanged {
            ledger.hasChanged = false
            locked { published = ledger }
        }
        let (ended, streams) = (tasks.ended, tasks.streams)
        guard !ended.isEmpty || !streams.isEmpty else { return }
        var waiters: [RawFuture.Waiter] = []
        lock.lock()
        for task in ended {
            guard let waiting = task.future.end(task.outcome, as: task.state), !waiting.isEmpty else {
                continue
            }
            waiters += waiting
        }
        for stream in streams { stream.publish() }
        lock.unlock()
        tasks.forgetEnded()
        waiters.resume()
        for stream in streams { stream.changed.fire() }
    }

    /// Ends the service of this executor, unless a task or a request waits; returns `false` if one waits.
    func leavesThread() -> Bool {
        let waiters = locked { () -> [CheckedContinuation<Void, Never>]? in
            guard pendingTasks == 0, commands.isEmpty else { return nil }
            (mailbox, isWoken) = (nil, false)
            // The queue may still hold cancelled tasks, which refer to this object.
            queue = Deque()
            defer { leaveWaiters = [] }
            return leaveWaiters
        }
        guard let waiters else { return false }
        for waiter in waiters { waiter.resume() }
        return true
    }
}
