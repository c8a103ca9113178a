// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire

extension RunSummary {
    /// Subtracts records that could not be written; `lines` holds the lines of these records.
    ///
    /// If the records lack a member (`--fields`), the totals that depend on this member do not change.
    mutating func countUnwritten(_ lines: [UInt8]) {
        let bytes = lines.span
        var start = 0
        for end in bytes.indices where bytes[end] == 0x0A {
            let line = bytes.extracting(start..<end)
            start = end + 1
            guard let head = RecordHead(reading: line) else { continue }
            let record = JSONValue(kind: .object, range: line.indices)
            let status = (try? line.member("status", of: record)).flatMap(\.self)
            countUnwritten(head.entry, status: status.flatMap { line.integer(of: $0) })
            guard head.entry.outcome.isFailureOfHost,
                let url = (try? line.member("url", of: record)).flatMap(\.self), url.kind == .string,
                let host = HostKey(ofURL: line.extracting(url.range))
            else { continue }
            countUnwrittenFailure(of: host)
        }
    }
}

extension Outcome {
    /// True if a record with this outcome counts as a failure of the task's host.
    var isFailureOfHost: Bool { !isGood && self != .cancelled && self != .invalid }
}
