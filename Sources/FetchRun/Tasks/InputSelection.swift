// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire

/// The filter that selects the tasks of a run from its input, by `--shard`, `--dedupe`, `--resume` and
/// `--limit`.
struct InputSelection {
    private let shard: Shard?
    private var repeats: RepeatedURLs?
    private var left: Int
    /// The filter that removes the done tasks; `nil` if the run is not resumed.
    var resumed: ResumedInput?

    init(_ rules: Rules = Rules()) {
        (shard, left) = (rules.shard, rules.limit ?? .max)
        if rules.dedupes { repeats = RepeatedURLs() }
    }

    struct Rules: Sendable {
        var shard: Shard?
        var limit: Int?
        var dedupes = false
    }

    /// True if the run has at least one of the filter's four options.
    var isNeeded: Bool { shard != nil || repeats != nil || left != .max || resumed != nil }

    /// True once as many tasks and invalid lines are selected as `--limit` allows; no further line is then to
    /// be read.
    var isOver: Bool { left <= 0 }

    /// Removes the last task or invalid line of a batch, if it is not selected.
    ///
    /// A task that repeats an earlier task becomes a message of kind `refused`. `isOfRecord` is true if the
    /// line is a record of an earlier run.
    ///
    /// - Throws: `RunError.io` from `ResumedInput.filterLast`.
    mutating func filterLast(of batch: inout InputBatch, isOfRecord: Bool) throws(RunError) {
        let count = batch.messages.count
        if let shard, !batch.lastBelongs(to: shard) {
            if batch.messages[count - 1].kind == .task {
                resumed?.noteOtherPart(lastOf: batch, isOfRecord: isOfRecord)
            }
            return batch.removeLast()
        }
        if batch.messages[count - 1].kind == .task, let first = repeats?.first(ofLast: batch) {
            batch.refuseLast(repeating: first)
        }
        try resumed?.filterLast(of: &batch, isOfRecord: isOfRecord)
        if batch.messages.count == count { left -= 1 }
    }
}

extension InputBatch {
    /// Returns true if the last task or invalid line belongs to `shard`.
    fileprivate func lastBelongs(to shard: Shard) -> Bool {
        let (last, bytes) = (messages[messages.count - 1], bytes)
        guard last.kind == .task else { return shard.has(line: refused[refused.count - 1].ordinal) }
        guard last.task.host == 0 else { return shard.has(bytes.span.extracting(last.hostName.range)) }
        return shard.has(bytes.span.extracting(urlOfLast))
    }
}
