// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform
import PoolWire

/// The state that the threads of a worker share: the tasks, and the right to write a line.
///
/// One lock covers taking a task, returning a task and the right to write. So no task is both begun and
/// returned, and lines never mix. The main thread releases the lock while it writes, and the reading thread
/// writes only bytes that fit. Otherwise a coordinator that does not read could block the reading thread,
/// which must notice the coordinator's end.
///
/// `@unchecked Sendable`: all mutable state is accessed with `mutex` held, with two exceptions. While
/// `isMainWriting` is true, only the main thread uses `tail`, `isTailDue` and `writtenBytes`, even without
/// the lock. `openTail` needs no lock, because it runs before the reading thread starts; `tailTimer` does
/// not change after `openTail`.
///
/// Some properties are marked `@exclusivity(unchecked)`, because the checks would cost time with each task.
/// The checks are not needed: while such a property changes, no other code accesses it.
///
/// Bounds of the unsafe code here: both pointers are allocated once, for one value each, and live until the
/// process ends.
@safe final class WorkerState: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let hasWork: UnsafeMutablePointer<pthread_cond_t>
    private let output: Int32
    /// Memory that is shared with the coordinator, with results of a sequential worker that are not yet
    /// written.
    ///
    /// It is `nil` if each result is written immediately.
    ///
    /// The tail of a concurrent worker stays empty.
    ///
    /// While the tail has bytes, nothing may be written before them, because the tail records its position in
    /// the output.
    @exclusivity(unchecked) @safe
    private var tail: OutputTail?
    /// The descriptor of the timer after which the tail must be written; −1 without a tail.
    ///
    /// When the timer ends, the reading thread writes the tail, unless the main thread writes at that time.
    private(set) var tailTimer: Int32 = -1
    private var isTimerSet = false
    /// True if the reading thread must write the tail.
    private var isTailDue = false
    /// The number of bytes that this object has written to `output`.
    private var writtenBytes = 0
    /// The time at which the main thread last ended a write or added a result to the tail, in nanoseconds.
    private var lastFinish = 0
    @exclusivity(unchecked) @safe
    private var queue = TaskQueue()
    /// The lines of the reading thread; the first may be partly written.
    private var outbox = Outbox()
    /// True while the main thread writes, and after `bye`; the reading thread must not write then.
    @exclusivity(unchecked) @safe
    private var isMainWriting = false
    private var hasSaidHello = false
    /// The result messages of a concurrent worker that are not yet written.
    private var results: [UInt8] = []
    /// The begun tasks of a concurrent worker, by their numbers.
    ///
    /// In a sequential worker, only the current task can have an entry. It has an entry if it was cancelled,
    /// or if the main thread waits for a Swift task (`CurrentTask`).
    @exclusivity(unchecked) @safe
    private var running: [Int: RunningTask] = [:]

    /// The time since `lastFinish` below which a result can be added to the tail, in nanoseconds.
    ///
    /// A write costs about 1 µs, including the coordinator's wake-up. So the tail saves little if tasks take
    /// longer than `cheapTask`.
    private static let cheapTask = 20_000
    /// The time that `tailTimer` runs, in nanoseconds.
    private static let tailPatience = 1_000_000

    /// Creates the shared state of a worker that writes to `output`.
    init(output: Int32) {
        self.output = output
        unsafe mutex = .allocate(capacity: 1)
        unsafe hasWork = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        // A change of the system's time must not change the length of a timed wait.
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(hasWork, &attributes)
    }

    // MARK: The main thread

    /// Opens the shared memory of the tail, if the coordinator has made it for this process.
    ///
    /// Call this function after the coordinator's first line came, and before the process has two threads.
    func openTail() {
        guard let path = unsafe getenv(OutputTail.variable) else { return }
        tail = unsafe OutputTail(openedAt: String(cString: path))
        // The programs that a task starts must not use this tail.
        unsafe unsetenv(OutputTail.variable)
        guard tail != nil else { return }
        tailTimer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
        if tailTimer < 0 { tail = nil }
    }

    /// Writes the worker's first line; beats and returned tasks may follow it.
    func sayHello(_ hello: Hello) {
        var writer = JSONWriter()
        writer.writeHello(hello)
        unsafe pthread_mutex_lock(mutex)
        hasSaidHello = true
        writer.withBytes { write($0) }
        // The reading thread waits for `hello`, and then begins to read.
        unsafe pthread_cond_signal(hasWork)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Writes the complete line `result` unless it is `nil`, then waits for the next task and returns it.
    ///
    /// If the next task waits already, the line may be added to the tail instead of being written.
    ///
    /// - Returns: `nil` once the worker is drained.
    func finish(_ result: Span<UInt8>?) -> HeldTask? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        // The next task is taken before the result is written. So if a task waits, it has begun when the
        // coordinator reads the result.
        let next = queue.takeNext()
        if !running.isEmpty { running.removeAll() }
        if let result, next == nil || !stage(result) { write(result) }
        if let next { return next }
        while true {
            if let task = queue.takeNext() { return task }
            if queue.isDraining { return nil }
            unsafe pthread_cond_wait(hasWork, mutex)
        }
    }

    /// Begins tasks from the queue of a concurrent worker until `limit` tasks run.
    ///
    /// If no task can begin, the function waits. It writes the results of tasks that have ended, and a
    /// `start` for each task that it begins.
    ///
    /// - Returns: The tasks that this call has begun; `nil` once the worker is drained and all tasks have
    ///   ended.
    func beginTasks(upTo limit: Int) -> [HeldTask]? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        var starts = JSONWriter()
        while true {
            var lines: [UInt8] = []
            swap(&lines, &results)
            var begun: [HeldTask] = []
            while queue.begun < limit, let task = queue.begin() {
                starts.writeStart(seq: task.seq)
                running[task.seq] = .begun
                begun.append(task)
            }
            if !starts.isEmpty { lines += starts.take() }
            if !lines.isEmpty {
                write(lines.span)
                if begun.isEmpty { continue }
            }
            if !begun.isEmpty { return begun }
            if queue.isDraining, queue.held == 0 { return nil }
            unsafe pthread_cond_wait(hasWork, mutex)
        }
    }

    /// Notes the Swift task that works on the task `seq`, so that the Swift task can be cancelled.
    func note(_ task: Task<Void, Never>, seq: Int) {
        let isCancelled = locked {
            switch running[seq] {
            case .begun: running[seq] = .task(task)
            case .cancelled: return true
            // The task has ended already.
            case .task, nil: break
            }
            return false
        }
        // A cancellation calls code of the user, which must not run with the lock held.
        if isCancelled { task.cancel() }
    }

    /// Notes a Swift task for which the main thread of a sequential worker waits.
    ///
    /// A cancellation of the worker's current task, before or after this call, also cancels the Swift task.
    func noteAwaited(_ task: Task<Void, Never>) {
        let isCancelled = locked {
            guard let seq = queue.current else { return false }
            if case .cancelled? = running[seq] { return true }
            running[seq] = .task(task)
            return false
        }
        if isCancelled { task.cancel() }
    }

    /// Ends the task `seq` of a concurrent worker; `result` is a complete line, which the main thread writes.
    ///
    /// This function may be called on any thread.
    func end(_ seq: Int, result: [UInt8]) {
        locked {
            results += result
            running[seq] = nil
            queue.end()
            unsafe pthread_cond_signal(hasWork)
        }
    }

    /// Writes `bye`; the worker writes nothing after this call.
    func sayBye() {
        var writer = JSONWriter()
        writer.writeBye(reason: "drained")
        unsafe pthread_mutex_lock(mutex)
        writer.withBytes { write($0) }
        // While `isMainWriting` is true, the reading thread writes no line.
        isMainWriting = true
        unsafe pthread_mutex_unlock(mutex)
    }

    // MARK: The reading thread

    /// Waits until the worker has sent `hello`, for at most a quarter of a second.
    ///
    /// - Returns: `true` if the worker has sent `hello`.
    func waitForHello() -> Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        if !hasSaidHello {
            var end = timespec()
            unsafe clock_gettime(CLOCK_MONOTONIC, &end)
            end.tv_nsec += 250_000_000
            if end.tv_nsec >= 1_000_000_000 {
                (end.tv_sec, end.tv_nsec) = (end.tv_sec + 1, end.tv_nsec - 1_000_000_000)
            }
            // No other thread waits on this condition now: the main thread waits for work only after `hello`.
            unsafe pthread_cond_timedwait(hasWork, mutex, &end)
        }
        return hasSaidHello
    }

    /// Adds tasks in the order in which they came.
    func add(_ tasks: some Sequence<HeldTask>) {
        locked {
            queue.add(tasks)
            unsafe pthread_cond_signal(hasWork)
        }
    }

    /// Removes up to `max` tasks that have not begun, and queues a `returned` line for each, newest first.
    func giveBack(upTo max: Int) {
        locked {
            // The first line must be `hello`. A worker may ignore a recall.
            guard hasSaidHello else { return }
            let seqs = queue.recall(max: max)
            for seq in seqs { outbox.lines.writeReturned(seq: seq) }
        }
    }

    /// Removes the task with the number `seq` if it has not begun, and queues a `returned` line for it.
    ///
    /// Before the worker has sent `hello`, no task is removed. If the task has begun, its Swift task is
    /// cancelled. In a sequential worker, this is the Swift task that `noteAwaited` has noted; if it is noted
    /// only later, it is cancelled then.
    func giveBack(seq: Int) {
        let begun: Task<Void, Never>? = locked {
            switch running[seq] {
            case .task(let task): return task
            case .begun: running[seq] = .cancelled
            case .cancelled, nil:
                if hasSaidHello, queue.cancel(seq: seq) { outbox.lines.writeReturned(seq: seq) }
                // The main thread may begin to wait for a Swift task later.
                if seq == queue.current { running[seq] = .cancelled }
            }
            return nil
        }
        begun?.cancel()
    }

    /// Lets the main thread end once all tasks are done.
    func drain() {
        locked {
            queue.drain()
            unsafe pthread_cond_signal(hasWork)
        }
    }

    /// Queues a beat if the worker has sent `hello`, and no lines wait in the outbox.
    func beat() {
        let memory = ProcessMemory()
        locked {
            // Beats must not accumulate while the coordinator does not read.
            guard hasSaidHello, outbox.isEmpty else { return }
            outbox.lines.writeBeat(
                Beat(rssKB: memory?.residentKB, hwmKB: memory?.peakKB, inFlight: queue.held)
            )
        }
    }

    /// Notes that the timer of the tail has ended; `flush` then writes the tail.
    func endTailTimer() {
        var ends = UInt64(0)
        unsafe _ = read(tailTimer, &ends, MemoryLayout.size(ofValue: ends))
        locked {
            isTimerSet = false
            // A main thread that writes also writes the tail, without the lock.
            if !isMainWriting { isTailDue = !(tail?.isEmpty ?? true) }
        }
    }

    /// Writes the queued lines as far as they fit, and before them the tail.
    ///
    /// If no lines are queued, the tail is written only if it is due. While the main thread writes, the
    /// function writes nothing.
    ///
    /// - Returns: `true` if bytes are left and the caller must call again once the output has space.
    func flush() -> Bool {
        var isLeft = false
        locked {
            while !isMainWriting, isTailDue || !outbox.isEmpty, outbox.hasRoom(in: output) {
                // The whole tail fits into the pipe.
                if !writeTail() { writtenBytes += outbox.writePiece(to: output) }
            }
            // While the main thread writes, it also writes the queued lines.
            isLeft = !isMainWriting && (isTailDue || !outbox.isEmpty)
        }
        return isLeft
    }

    // MARK: With the lock held, or while the main thread writes

    private func locked<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Adds a result to the tail; returns `false` if the result was not added and must be written now.
    private func stage(_ line: Span<UInt8>) -> Bool {
        guard tail?.holds(line) ?? false else { return false }
        let now = MonotonicClock.nanoseconds()
        guard now - lastFinish < Self.cheapTask, outbox.isEmpty else { return false }
        lastFinish = now
        tail?.append(line, at: writtenBytes)
        if !isTimerSet { startTailTimer() }
        return true
    }

    private func startTailTimer() {
        isTimerSet = true
        var time = itimerspec()
        time.it_value.tv_nsec = Self.tailPatience
        unsafe timerfd_settime(tailTimer, 0, &time, nil)
    }

    /// Writes all bytes of the tail; returns `false` if there are none.
    private func writeTail() -> Bool {
        guard !(tail?.isEmpty ?? true) else { return false }
        tail?.withBytes { send($0) }
        tail?.removeAll()
        isTailDue = false
        return true
    }

    /// Writes the tail, the queued lines, then `line`, then lines that were queued meanwhile.
    ///
    /// Call this function on the main thread with the lock held. The lock is released while bytes are
    /// written.
    private func write(_ line: Span<UInt8>) {
        isMainWriting = true
        // If `line` fits into the tail, one write is enough for the tail and `line`.
        let isInTail = outbox.isEmpty && !(tail?.isEmpty ?? true) && tail?.holds(line) ?? false
        if isInTail { tail?.append(line, at: writtenBytes) }
        unsafe pthread_mutex_unlock(mutex)
        _ = writeTail()
        unsafe pthread_mutex_lock(mutex)
        // The outbox may begin with the rest of a partly written line.
        sendOutbox()
        if !isInTail {
            unsafe pthread_mutex_unlock(mutex)
            send(line)
            unsafe pthread_mutex_lock(mutex)
        }
        while !outbox.isEmpty { sendOutbox() }
        isMainWriting = false
        lastFinish = MonotonicClock.nanoseconds()
    }

    private func sendOutbox() {
        guard !outbox.isEmpty else { return }
        let lines = outbox.take()
        unsafe pthread_mutex_unlock(mutex)
        send(lines.span)
        unsafe pthread_mutex_lock(mutex)
    }

    private func send(_ lines: Span<UInt8>) {
        // A write fails if nothing reads the output any more: the coordinator is gone.
        if !writeAll(lines, to: output) { WorkerProcessSetup.leaveWithGroup(after: errno) }
        writtenBytes += lines.count
    }
}

/// A task that has begun.
private enum RunningTask {
    /// The Swift task is being created.
    case begun
    /// The task was cancelled; if a Swift task is noted for it later, this Swift task is cancelled too.
    case cancelled
    case task(Task<Void, Never>)
}
