// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWorker
import Synchronization

/// Writes records on a thread of its own, at once, whatever there is, from a bounded queue.
///
/// The loop never waits for it: while so much waits that the queue is full, the loop begins nothing new.
final class OutputThread: Sendable {
    private struct State {
        var lines: [UInt8] = []
        var isClosed = false
        var isWriting = false
        var exitStatus: Int32 = 0
        /// Whether the loop waits to hear that there is room again.
        var loopWaits = false
    }

    /// Bytes that may wait; beyond them nothing new is begun.
    ///
    /// They are about a thousand records.
    private static let limit = 256 << 10

    private let state = Mutex(State())
    /// The loop is woken through one pipe, the thread through another; a pipe that is full already wakes.
    private let toLoop = WakePipe()
    private let toThread = WakePipe()

    /// What to poll for reading to hear of room, failure and the end.
    var wakeDescriptor: Int32 { toLoop.readEnd }

    /// Forgets that there was news.
    func clearWake() { toLoop.clear() }

    /// Starts the thread.
    func start() {
        let status = SystemThread.start { self.writeEverything() }
        guard status == 0 else { Program.leave("no thread could be started for the output", status: 1) }
    }

    /// Adds whole lines.
    func write(_ lines: [UInt8]) {
        let wasIdle = state.withLock { state in
            defer { state.lines += lines }
            return state.lines.isEmpty && !state.isWriting
        }
        if wasIdle { toThread.wake() }
    }

    /// Whether so much waits to be written that nothing new shall be begun; if so, the loop is woken once it is less.
    var isFull: Bool {
        state.withLock { state in
            state.loopWaits = state.lines.count >= Self.limit
            return state.loopWaits
        }
    }

    /// What the process shall exit with because of its output; 0 as long as all went well.
    var exitStatus: Int32 { state.withLock { $0.exitStatus } }

    /// Waits until everything is written, or writing has failed.
    func finish() {
        state.withLock { $0.isClosed = true }
        toThread.wake()
        while !state.withLock({ $0.lines.isEmpty && !$0.isWriting || $0.exitStatus != 0 }) { toLoop.wait() }
    }

    private func writeEverything() {
        while true {
            // One look at both: between two, the last lines could come and the end be told.
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

    /// Says why writing failed, unless the reader just left, as `head` does.
    private func failureStatus() -> Int32 {
        let number = errno
        guard number != EPIPE else { return 141 }
        Program.say("cannot write standard output: \(systemError(number))")
        return 3
    }
}
