// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import PoolWorker

/// The schedule of the regular beats, which show that the worker is alive.
struct Beats {
    /// The time between two beats in the worker protocol, in milliseconds.
    private static let interval = 1_000

    private var next = MonotonicClock.milliseconds() + interval

    /// True if a beat is due now; a read that returns true makes the next beat due one interval later.
    var isDue: Bool {
        mutating get {
            let now = MonotonicClock.milliseconds()
            guard now >= next else { return false }
            next = now + Self.interval
            return true
        }
    }

    /// The time until the next beat, in milliseconds; 0 if a beat is due.
    var millisecondsLeft: Int32 { Int32(clamping: max(next - MonotonicClock.milliseconds(), 0)) }
}

/// Writes beats while a `SupervisedLoop` is too busy to send regular beats.
///
/// The loop writes only complete lines, so these beats can come between any two writes.
final class BusyBeats {
    private let output: Int32
    /// The beat that `write` writes: a copy of the loop's latest beat, not counting beats with cookies.
    ///
    /// Before the loop's first such beat, the value is an empty beat.
    var last = Beat()
    /// True if a beat was written since the last call of `takeHasWritten`.
    private var hasWritten = false
    private var writer = JSONWriter()

    init(output: Int32) {
        self.output = output
    }

    /// Writes a beat; ends the process if the write fails.
    func write() {
        hasWritten = true
        writer.writeBeat(last)
        let isWritten = writer.withBytes { writeAll($0, to: output) }
        writer.removeAll()
        if !isWritten { WorkerProcessSetup.leaveWithGroup() }
    }

    /// Returns true if a beat was written since the previous call.
    func takeHasWritten() -> Bool {
        defer { hasWritten = false }
        return hasWritten
    }
}
