// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import PoolWire

/// The choice of the tasks of the input that a run does, by `--shard`, `--dedupe`, `--resume` and `--limit`.
struct InputSelection {
    private let shard: Shard?
    private var repeats: RepeatedURLs?
    private var left: Int
    /// The tasks that are done; `nil` if the run is not resumed.
    var resumed: ResumedInput?

    /// Creates the choice of a run with these settings.
    init(_ rules: Rules = Rules()) {
        (shard, left) = (rules.shard, rules.limit ?? .max)
        if rules.dedupes { repeats = RepeatedURLs() }
    }

    /// The settings of a choice.
    struct Rules: Sendable {
        var shard: Shard?
        var limit: Int?
        var dedupes = false
    }

    /// True unless the run does each task of the input.
    var isNeeded: Bool { shard != nil || repeats != nil || left != .max || resumed != nil }

    /// True if no further task is to be read.
    var isOver: Bool { left <= 0 }

    /// Removes the last message of a batch if the run does not do its task, or replaces it if the task
    /// repeats an earlier one.
    ///
    /// - Throws: `RunError.io` if the journal has the task's id with another URL, or if it has the task's
    ///   number as a string, as `--values text` writes it.
    mutating func filterLast(of batch: inout InputBatch) throws(RunError) {
        let count = batch.messages.count
        if let shard, !batch.lastBelongs(to: shard) { return batch.removeLast() }
        if batch.messages[count - 1].kind == .task, let first = repeats?.first(ofLast: batch) {
            batch.refuseLast(repeating: first)
        }
        try resumed?.filterLast(of: &batch)
        if batch.messages.count == count { left -= 1 }
    }
}

extension InputBatch {
    /// Returns true if the last message, a task or a refused line, belongs to a part of the input.
    fileprivate func lastBelongs(to shard: Shard) -> Bool {
        let (last, bytes) = (messages[messages.count - 1], bytes)
        guard last.kind == .task else { return shard.has(line: refused[refused.count - 1].ordinal) }
        guard last.task.host == 0 else { return shard.has(bytes.span.extracting(last.hostName.range)) }
        return shard.has(bytes.span.extracting(urlOfLast))
    }
}
