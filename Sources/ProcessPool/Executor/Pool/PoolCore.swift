// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform

/// The part of an executor that the pool thread serves: its tasks, from any thread, and its pool.
///
/// `@unchecked Sendable`: `lock` guards the properties of the first group, and the state of each future. Only
/// the pool thread uses those of the second group.
final class PoolCore: @unchecked Sendable {
    /// A request to the pool thread.
    enum Command {
        case cancel(RawFuture)
        case end(isGentle: Bool)
    }

    let configuration: PoolConfiguration
    let workers: PoolWorkers
    private let lock = NSLock()

    // Guarded by the lock.
    private var queue = Deque<RawFuture>()
    /// The number of futures in `queue` that were not cancelled.
    private var pendingTasks = 0
    private var commands: [Command] = []
    private var isClosed = false
    /// True if the pool thread was woken and has not looked yet.
    private var isWoken = false
    /// The mailbox of the pool thread while it serves this executor.
    private var mailbox: PoolThread.Mailbox?
    private var leaveWaiters: [CheckedContinuation<Void, Never>] = []
    private var published = PoolLedger()

    // Of the pool thread.
    var pool: Int?
    /// The time of the present turn.
    var now = PoolTime(nanoseconds: 0)
    /// The time at which the pool ended; `nil` before that.
    var endedAt: PoolTime?
    var isDraining = false
    /// The reason why running tasks end: the pool is ended by its user.
    var endingSignal: Int32?
    var tasks = GivenTasks()
    var ledger = PoolLedger()

    init(_ workers: PoolWorkers, _ configuration: PoolConfiguration) {
        (self.workers, self.configuration) = (workers, configuration)
    }

    /// Calls `body` with the lock held.
    func locked<Result>(_ body: () -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }

    // MARK: Any thread

    /// Adds tasks in order; each fails if the executor was shut down.
    func add(_ futures: [RawFuture]) {
        guard !futures.isEmpty else { return }
        let isRefused = locked {
            guard !isClosed else { return true }
            for future in futures where future.outcome == nil {
                queue.append(future)
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

    /// Cancels a task; returns `false` if it had ended.
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
                // A pool that waits for its last task to end may end now.
                return (true, isClosed && pendingTasks == 0)
            }
        }
        waiters?.resume()
        if mustWake { wake() }
        return wasOpen
    }

    /// Cancels many tasks.
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

    /// Frees the memory of cancelled tasks once they are most of the queue; with the lock held.
    private func dropCancelled() {
        guard queue.count > 64, queue.count > 4 * pendingTasks else { return }
        var kept = Deque<RawFuture>()
        while let future = queue.popFirst() { if future.state == .pending { kept.append(future) } }
        queue = kept
    }

    /// Refuses further tasks, and cancels those that no worker has.
    ///
    /// With `ending`, the workers are ended as well.
    func close(cancelsPending: Bool, ending: Command? = nil) {
        var dropped: [RawFuture] = []
        let isServed = locked {
            isClosed = true
            if cancelsPending {
                while let future = queue.popFirst() { dropped.append(future) }
                pendingTasks = 0
            }
            if let ending { commands.append(ending) }
            return mailbox != nil
        }
        for future in dropped { end(future, .failure(CancellationError()), as: .cancelled) }
        if isServed { wake() }
    }

    /// Waits until no worker, and nothing else of this executor, is left.
    func waitUntilLeft() async {
        await withCheckedContinuation { continuation in
            let isGone = locked {
                // A task may be on its way whose submitter has not woken the thread yet.
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

    /// Makes the pool thread look at this executor; starts the thread if it is needed.
    private func wake() {
        let mailbox = locked { () -> PoolThread.Mailbox? in
            guard !isWoken else { return nil }
            guard self.mailbox != nil || pendingTasks > 0 else {
                commands = []
                return nil
            }
            isWoken = true
            if self.mailbox == nil { self.mailbox = PoolThread.join(self) }
            return self.mailbox
        }
        mailbox?.wake.wake()
    }

    // MARK: The pool thread

    /// Takes the requests that came since the last call.
    func takeCommands() -> (commands: [Command], hasPending: Bool, isClosed: Bool) {
        locked {
            defer { commands = [] }
            isWoken = false
            return (commands, pendingTasks > 0, isClosed)
        }
    }

    /// Removes and returns the next task, which counts as running from now on.
    func takeTask() -> RawFuture? {
        locked {
            while let future = queue.popFirst() {
                guard future.state == .pending else { continue }
                future.state = .running
                pendingTasks -= 1
                return future
            }
            return nil
        }
    }

    var waitingTasks: Int { locked { pendingTasks } }

    /// Fails all tasks that no worker has.
    func failPending(_ error: any Error) {
        while let future = takeTask() { tasks.end(future, .failure(error)) }
    }

    /// Tells all who wait for the tasks that ended in this turn.
    func publish() {
        if ledger.hasChanged {
            ledger.hasChanged = false
            locked { published = ledger }
        }
        let ended = tasks.ended
        guard !ended.isEmpty else { return }
        var waiters: [RawFuture.Waiter] = []
        lock.lock()
        for task in ended {
            guard let waiting = task.future.end(task.outcome, as: task.state), !waiting.isEmpty else {
                continue
            }
            waiters += waiting
        }
        lock.unlock()
        tasks.forgetEnded()
        waiters.resume()
    }

    /// Ends the service of this executor if it is over; returns `true` if it has ended.
    func leavesThread() -> Bool {
        let waiters = locked { () -> [CheckedContinuation<Void, Never>]? in
            guard pendingTasks == 0, commands.isEmpty else { return nil }
            (mailbox, isWoken) = (nil, false)
            // Cancelled tasks may be left in it, and refer to this object.
            queue = Deque()
            defer { leaveWaiters = [] }
            return leaveWaiters
        }
        guard let waiters else { return false }
        for waiter in waiters { waiter.resume() }
        return true
    }
}
