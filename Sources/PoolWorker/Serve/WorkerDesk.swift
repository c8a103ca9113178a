// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// What the two threads of a worker share: the tasks it holds, and the right to write a line.
///
/// One lock covers taking a task, giving one back and the right to write. So no task is both begun and returned, and lines never mix.
/// Nobody waits with the lock held: the main thread lets it go while it writes, and the reading thread writes only what there
/// is room for. Else a coordinator that does not read could keep the reading thread from noticing that it is gone.
///
/// Unchecked: all mutable state is touched with `mutex` held.
/// Bounds of the unsafe code here: both pointers are allocated once, for one value each, and live until the process ends.
@safe final class WorkerDesk: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let hasWork: UnsafeMutablePointer<pthread_cond_t>
    private let output: Int32
    private var queue = TaskQueue()
    /// What the reading thread has to say; lines of it may be half written.
    private var outbox = Outbox()
    /// Whether the main thread is writing; until it has done so nobody else may.
    private var isMainWriting = false
    private var hasSaidHello = false

    /// Makes a desk that writes to `output`.
    init(output: Int32) {
        self.output = output
        unsafe mutex = .allocate(capacity: 1)
        unsafe hasWork = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(hasWork, nil)
    }

    // MARK: The main thread

    /// Writes the worker's first line; beats and returned tasks may follow it.
    func sayHello(_ hello: Hello) {
        var writer = JSONWriter()
        writer.writeHello(hello)
        unsafe pthread_mutex_lock(mutex)
        hasSaidHello = true
        writer.withBytes { write($0) }
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Writes the whole line `answer`, if there is one, and takes the next task, waiting for it.
    ///
    /// - Returns: `nil` once the worker is drained.
    func finish(_ answer: Span<UInt8>?) -> HeldTask? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        // Before the answer is written, so that whoever has read the answer finds the next task begun.
        let next = queue.takeNext()
        if let answer { write(answer) }
        if let next { return next }
        while true {
            if let task = queue.takeNext() { return task }
            if queue.isDraining { return nil }
            unsafe pthread_cond_wait(hasWork, mutex)
        }
    }

    /// Writes the last line.
    func sayBye() {
        var writer = JSONWriter()
        writer.writeBye(reason: "drained")
        unsafe pthread_mutex_lock(mutex)
        writer.withBytes { write($0) }
        // Nothing comes after it.
        isMainWriting = true
        unsafe pthread_mutex_unlock(mutex)
    }

    // MARK: The reading thread

    /// Adds tasks in the order they came.
    func add(_ tasks: [HeldTask]) {
        locked {
            queue.add(tasks)
            unsafe pthread_cond_signal(hasWork)
        }
    }

    /// Gives back up to `max` tasks that have not begun.
    func giveBack(upTo max: Int) {
        locked {
            // Hello must be the first line; until then all tasks stay, as a recall allows.
            guard hasSaidHello else { return }
            let seqs = queue.recall(max: max)
            for seq in seqs { outbox.lines.writeReturned(seq: seq) }
        }
    }

    /// Gives back one task if it has not begun.
    func giveBack(seq: Int) {
        locked {
            guard hasSaidHello, queue.cancel(seq: seq) else { return }
            outbox.lines.writeReturned(seq: seq)
        }
    }

    /// Lets the main thread leave once all tasks are answered.
    func drain() {
        locked {
            queue.drain()
            unsafe pthread_cond_signal(hasWork)
        }
    }

    /// Says that the worker lives.
    func beat() {
        let memory = ProcessMemory()
        locked {
            // While lines wait the coordinator does not read; more of them would pile up.
            guard hasSaidHello, outbox.isEmpty else { return }
            outbox.lines.writeBeat(
                Beat(rssKB: memory?.residentKB, hwmKB: memory?.peakKB, inFlight: queue.held)
            )
        }
    }

    /// Writes what was said above as far as there is room; returns whether the caller is to come back when there is more.
    func flush() -> Bool {
        var isLeft = false
        locked {
            while !isMainWriting, !outbox.isEmpty, outbox.hasRoom(in: output) {
                outbox.writePiece(to: output)
            }
            // The main thread leaves nothing behind.
            isLeft = !isMainWriting && !outbox.isEmpty
        }
        return isLeft
    }

    // MARK: With the lock held

    private func locked(_ body: () -> Void) {
        unsafe pthread_mutex_lock(mutex)
        body()
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Writes what waits and then `line`, however long that takes; on the main thread.
    private func write(_ line: Span<UInt8>) {
        isMainWriting = true
        // The first may be the rest of a line.
        sendOutbox()
        unsafe pthread_mutex_unlock(mutex)
        send(line)
        unsafe pthread_mutex_lock(mutex)
        while !outbox.isEmpty { sendOutbox() }
        isMainWriting = false
    }

    private func sendOutbox() {
        guard !outbox.isEmpty else { return }
        let lines = outbox.take()
        unsafe pthread_mutex_unlock(mutex)
        send(lines.span)
        unsafe pthread_mutex_lock(mutex)
    }

    private func send(_ lines: Span<UInt8>) {
        // Nobody reads any more: the coordinator is gone.
        if !writeAll(lines, to: output) { WorkerProcessSetup.leaveWithGroup() }
    }
}
