// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire

/// What the two threads of a worker share: the tasks it holds, and the right to write a line.
///
/// One lock covers taking a task, giving one back and writing a line. So no task is both begun and returned, and lines never mix.
///
/// Unchecked: all mutable state is touched with `mutex` held, by `locked` alone.
/// Bounds of the unsafe code here: both pointers are allocated once, for one value each, and live until the process ends.
@safe final class WorkerDesk: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let hasWork: UnsafeMutablePointer<pthread_cond_t>
    private let output: Int32
    private var queue = TaskQueue()
    private var writer = JSONWriter()
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
        locked {
            hasSaidHello = true
            write { $0.writeHello(hello) }
        }
    }

    /// Writes the whole line `answer`, if there is one, and takes the next task, waiting for it.
    ///
    /// - Returns: `nil` once the worker is drained.
    func finish(_ answer: Span<UInt8>?) -> HeldTask? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        if let answer { send(answer) }
        while true {
            if let task = queue.takeNext() { return task }
            if queue.isDraining { return nil }
            unsafe pthread_cond_wait(hasWork, mutex)
        }
    }

    /// Writes the last line.
    func sayBye() {
        locked { write { $0.writeBye(reason: "drained") } }
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
            guard !seqs.isEmpty else { return }
            write { writer in
                for seq in seqs { writer.writeReturned(seq: seq) }
            }
        }
    }

    /// Gives back one task if it has not begun.
    func giveBack(seq: Int) {
        locked {
            guard hasSaidHello, queue.cancel(seq: seq) else { return }
            write { $0.writeReturned(seq: seq) }
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
        let resident = WorkerProcessSetup.residentKB()
        locked {
            guard hasSaidHello else { return }
            write { $0.writeBeat(Beat(rssKB: resident, inFlight: queue.held)) }
        }
    }

    // MARK: With the lock held

    private func locked(_ body: () -> Void) {
        unsafe pthread_mutex_lock(mutex)
        body()
        unsafe pthread_mutex_unlock(mutex)
    }

    private func write(_ lines: (inout JSONWriter) -> Void) {
        writer.removeAll()
        lines(&writer)
        let bytes = writer.bytes
        send(bytes.span)
    }

    private func send(_ lines: Span<UInt8>) {
        // Nobody reads any more: the coordinator is gone.
        if !writeAll(lines, to: output) { WorkerProcessSetup.leaveWithGroup() }
    }
}
