// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// The times that workers have spent on tasks that end without a result.
///
/// A sequential worker begins to process a response when the response is sent, or when the worker's previous
/// task ends, whichever is later. For a concurrent worker, this rule gives times that can be too short.
struct ProcessingTimes: Sendable {
    /// The time at which each task was last sent, by token.
    private var sent: [Int: PoolTime] = [:]
    /// The life (`WorkerID.life`) of the last worker whose task ended, and the time at which this task ended,
    /// by slot.
    private var lastEnds: [Int: (life: Int, time: PoolTime)] = [:]
    /// The time at which the end of a worker was noticed, by the worker's life.
    ///
    /// The pool can end the tasks of the worker later than this time.
    private var ended: [Int: PoolTime] = [:]
    /// The number of newest lives whose entries stay in `ended`.
    ///
    /// The entries of older lives are removed once `ended` has more than twice this number of entries.
    private static let rememberedEnds = 1_024

    /// Records that a response was sent to a worker.
    mutating func send(_ token: Int, at now: PoolTime) { sent[token] = now }

    /// Records that a worker sent a result.
    mutating func complete(_ token: Int, by worker: WorkerView, at now: PoolTime) {
        sent[token] = nil
        lastEnds[worker.id.slot] = (worker.id.life, now)
    }

    /// Records that a worker has ended.
    mutating func end(of worker: WorkerView, at now: PoolTime) {
        ended[worker.id.life] = now
        guard ended.count > 2 * Self.rememberedEnds else { return }
        let newest = ended.keys.max() ?? 0
        ended = ended.filter { $0.key > newest - Self.rememberedEnds }
    }

    /// Returns the time that a worker has spent on a task without a result, in microseconds.
    ///
    /// The function returns `nil` if `worker` is `nil`, or if the task was not sent. The function also notes
    /// that the task has ended.
    mutating func end(_ token: Int, by worker: WorkerView?, at now: PoolTime) -> Int? {
        guard let since = sent.removeValue(forKey: token), let worker else { return nil }
        var turned = since
        if let (life, time) = lastEnds[worker.id.slot], life == worker.id.life {
            turned = max(since, time)
        }
        let last = min(now, ended[worker.id.life] ?? now)
        lastEnds[worker.id.slot] = (worker.id.life, last)
        return max(last - turned, 0) / 1_000
    }
}
