// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import PoolWorker

/// The schedule of the regular beats, which show that the worker is alive; the loop sends one each second.
struct Beats {
    /// The interval of beats in the worker protocol, in milliseconds.
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

    /// The time until the next beat, in milliseconds.
    var millisecondsLeft: Int32 { Int32(clamping: max(next - MonotonicClock.milliseconds(), 0)) }
}

/// Writes beats while the loop is busy for a long time and sends no regular beats.
///
/// Each of these beats repeats the loop's last beat without cookies. The loop writes only complete lines, so
/// a beat may come between any two writes of the loop.
final class BusyBeats {
    private let output: Int32
    /// The loop's last beat without cookies; an empty beat before the first one.
    var last = Beat()
    private var writer = JSONWriter()

    init(output: Int32) {
        self.output = output
    }

    /// Writes a beat; ends the process if the coordinator is gone.
    func write() {
        writer.writeBeat(last)
        let isWritten = writer.withBytes { writeAll($0, to: output) }
        writer.removeAll()
        if !isWritten { WorkerProcessSetup.leaveWithGroup() }
    }
}
