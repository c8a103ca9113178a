// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import PoolWorker

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
