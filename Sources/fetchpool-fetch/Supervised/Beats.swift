// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import PoolWorker

/// A beat each second, while the loop turns.
struct Beats {
    /// One second (the worker protocol).
    private static let interval = 1_000

    private var next = MonotonicClock.milliseconds() + interval

    /// Whether a beat is due now; if so, the next one is due an interval later.
    var isDue: Bool {
        mutating get {
            let now = MonotonicClock.milliseconds()
            guard now >= next else { return false }
            next = now + Self.interval
            return true
        }
    }

    /// How long until the next beat, in milliseconds.
    var millisecondsLeft: Int32 { Int32(clamping: max(next - MonotonicClock.milliseconds(), 0)) }
}

/// Beats for the time in which the loop does not turn, although it works.
///
/// They say what the last usual beat said. The loop writes whole lines alone, so one may stand between any two of its writes.
final class BusyBeats {
    private let output: Int32
    /// The last usual beat.
    var last = Beat()
    private var writer = JSONWriter()

    init(output: Int32) {
        self.output = output
    }

    /// Writes a beat.
    func write() {
        writer.writeBeat(last)
        let isWritten = writer.withBytes { writeAll($0, to: output) }
        writer.removeAll()
        if !isWritten { WorkerProcessSetup.leaveWithGroup() }
    }
}
