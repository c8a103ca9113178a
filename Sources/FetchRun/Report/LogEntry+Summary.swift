// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension LogEntry {
    /// Creates the entry with the totals at the end of a run.
    ///
    /// In JSON, the member `statistics` is the object of `--stats`.
    init(_ summary: RunSummary, statistics: [UInt8]) {
        var writer = JSONWriter()
        writer.name("statistics")
        writer.raw(statistics.last == 0x0A ? Array(statistics.dropLast()) : statistics)
        self.init(
            kind: .summary,
            text: summary.text.joined(separator: "\n"),
            members: writer.bytes
        )
    }
}
