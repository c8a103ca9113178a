// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWorker
import Synchronization

/// A thread that writes records from a queue to standard output for a `FilterLoop`.
///
/// While the queue is full, the loop begins no fetch. The queue still takes the records of fetches that have
/// begun. After the last task, the loop waits until all records are written, or until writing has failed.
final class OutputThread: Sendable {
    private struct State {
        var lines: [UInt8] = []
        var isClosed = false
        var isWriting = false
        var exitStatus: Int32 = 0
        /// True once the thread ends because the queue is closed and empty.
        var hasEnded = false
        /// True if the queue was full at the last read of `isFull`.
        var loopWaits = false
    }

    /// The number of bytes from which on the queue is full.
    private static let limit = 256 << 10

    private let state = Mutex(State())
    private let toLoop = WakePipe()
    private let toThread = WakePipe()

    /// A descriptor that becomes readable when the thread wakes the loop.
    ///
    /// The thread wakes the loop after a failed write, and when the thread ends. After any other write, the
    /// thread wakes the loop if the loop waits for space or the queue is closed.
    var wakeDescriptor: Int32 { toLoop.readEnd }

    /// Makes `wakeDescriptor` unreadable until the thread next wakes the loop.
    func clearWake() { toLoop.clear() }

    /// Starts the thread; ends the process if no thread can be started.
    func start() {
        let status = SystemThread.start { self.writeEverything() }
        guard status == 0 else { Program.leave("no thread could be started for the output", status: 1) }
    }

    /// Adds complete lines to the queue.
    func write(_ lines: [UInt8]) {
        let wasIdle = state.withLock { state in
            defer { state.lines += lines }
            return state.lines.isEmpty && !state.isWriting
        }
        if wasIdle { toThread.wake() }
    }

    /// True if the queue is full.
    ///
    /// Once the loop has read the value true, the thread wakes the loop after each write, until the loop
    /// reads the value false.
    var isFull: Bool {
        state.withLock { state in
            state.loopWaits = state.lines.count >= Self.limit
            return state.loopWaits
        }
    }

    /// The exit status after a failed write; 0 if no write has failed.
    var exitStatus: Int32 { state.withLock { $0.exitStatus } }

    /// Closes the queue; the thread then wakes the loop after each write, and when the thread ends.
    func close() {
        state.withLock { $0.isClosed = true }
        toThread.wake()
    }

    /// True if the queue is closed and everything is written, or if writing has failed.
    var isDone: Bool { state.withLock { $0.hasEnded || $0.exitStatus != 0 } }

    private func writeEverything() {
        while true {
            // Both values are read under one lock. Lines could be lost if they were added, and the queue
            // closed, between two separate reads.
            let (lines, isClosed) = state.withLock { state in
                state.isWriting = !state.lines.isEmpty
                defer { state.lines = [] }
                return (state.lines, state.isClosed)
            }
            if lines.isEmpty {
                if isClosed {
                    let status: Int32 = isWrittenOut(1) ? 0 : failureStatus()
                    state.withLock { ($0.exitStatus, $0.hasEnded) = (status, true) }
                    return toLoop.wake()
                }
                toThread.wait()
                continue
            }
            let status: Int32 = writeLines(lines.span, to: 1) ? 0 : failureStatus()
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
    /// Prints no message if the reader, such as `head`, has closed the pipe.
    private func failureStatus() -> Int32 {
        let number = errno
        guard !hasReaderLeft(number) else { return 141 }
        Program.say("cannot write standard output: \(systemError(number))")
        return 3
    }
}
