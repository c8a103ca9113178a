// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWorker
import Synchronization

/// A thread that writes records from a bounded queue as soon as they arrive.
///
/// The loop waits for this thread only at the end of the run. While the queue is full, the loop begins no
/// fetch.
final class OutputThread: Sendable {
    private struct State {
        var lines: [UInt8] = []
        var isClosed = false
        var isWriting = false
        var exitStatus: Int32 = 0
        /// True if the loop waits for space in the queue.
        var loopWaits = false
    }

    /// The size of a full queue in bytes; while the queue is full, no fetch begins.
    ///
    /// The limit is about a thousand records.
    private static let limit = 256 << 10

    private let state = Mutex(State())
    /// The pipes that wake the loop and the thread.
    ///
    /// A pipe that is full already wakes its reader, so no wake-up is lost.
    private let toLoop = WakePipe()
    private let toThread = WakePipe()

    /// The descriptor to poll for reading; readable when a full queue has space again, when writing fails,
    /// and at the end.
    var wakeDescriptor: Int32 { toLoop.readEnd }

    /// Clears the wake-up.
    func clearWake() { toLoop.clear() }

    /// Starts the thread.
    func start() {
        let status = SystemThread.start { self.writeEverything() }
        guard status == 0 else { Program.leave("no thread could be started for the output", status: 1) }
    }

    /// Adds complete lines.
    func write(_ lines: [UInt8]) {
        let wasIdle = state.withLock { state in
            defer { state.lines += lines }
            return state.lines.isEmpty && !state.isWriting
        }
        if wasIdle { toThread.wake() }
    }

    /// True if the queue is full and no fetch may begin.
    ///
    /// After a value of true, the thread wakes the loop once there is space.
    var isFull: Bool {
        state.withLock { state in
            state.loopWaits = state.lines.count >= Self.limit
            return state.loopWaits
        }
    }

    /// The exit status after a failed write; 0 while there is none.
    var exitStatus: Int32 { state.withLock { $0.exitStatus } }

    /// Closes the queue, and waits until everything is written or writing has failed.
    func finish() {
        state.withLock { $0.isClosed = true }
        toThread.wake()
        while !state.withLock({ $0.lines.isEmpty && !$0.isWriting || $0.exitStatus != 0 }) { toLoop.wait() }
    }

    private func writeEverything() {
        while true {
            // One lock protects both reads. With two locks, the last lines could be added and the queue
            // closed between the reads.
            let (lines, isClosed) = state.withLock { state in
                state.isWriting = !state.lines.isEmpty
                defer { state.lines = [] }
                return (state.lines, state.isClosed)
            }
            if lines.isEmpty {
                if isClosed { return toLoop.wake() }
                toThread.wait()
                continue
            }
            let status: Int32 = writeAll(lines.span, to: 1) ? 0 : failureStatus()
            let isAwaited = state.withLock { state in
                state.isWriting = false
                state.exitStatus = status
                return state.loopWaits || state.isClosed || status != 0
            }
            if isAwaited { toLoop.wake() }
            if status != 0 { return }
        }
    }

    /// Reports a write error and returns the exit status.
    ///
    /// Prints no message if the reader of the pipe has closed its end, as `head` does.
    private func failureStatus() -> Int32 {
        let number = errno
        guard number != EPIPE else { return 141 }
        Program.say("cannot write standard output: \(systemError(number))")
        return 3
    }
}
