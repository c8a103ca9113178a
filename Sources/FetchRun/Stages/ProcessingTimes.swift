// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// The time for which processing workers have had the responses in hand that they do not answer.
///
/// A worker turns to a response when it gets it, or when it has answered the one before.
struct ProcessingTimes: Sendable {
    /// The time at which each task was sent last.
    private var sent: [Int: PoolTime] = [:]
    /// The time at which the worker in each place answered last, and which one that was.
    private var answered: [Int: (life: Int, time: PoolTime)] = [:]
    /// The time at which each worker was seen to have ended, of the last ones: what its end means may be decided later.
    private var ended: [Int: PoolTime] = [:]
    /// More than can be undecided at a time.
    private static let rememberedEnds = 1_024

    /// A response was sent to a worker.
    mutating func send(_ token: Int, at now: PoolTime) { sent[token] = now }

    /// A worker has answered.
    mutating func answer(_ token: Int, by worker: WorkerView, at now: PoolTime) {
        sent[token] = nil
        answered[worker.id.slot] = (worker.id.life, now)
    }

    /// A worker has ended.
    mutating func end(of worker: WorkerView, at now: PoolTime) {
        ended[worker.id.life] = now
        guard ended.count > 2 * Self.rememberedEnds else { return }
        let newest = worker.id.life
        ended = ended.filter { $0.key > newest - Self.rememberedEnds }
    }

    /// For how many microseconds a worker has had a task in hand that ends without an answer; `nil` if it was not sent.
    mutating func end(_ token: Int, by worker: WorkerView?, at now: PoolTime) -> Int? {
        guard let since = sent.removeValue(forKey: token), let worker else { return nil }
        var turned = since
        if let (life, time) = answered[worker.id.slot], life == worker.id.life { turned = max(since, time) }
        let last = ended[worker.id.life] ?? now
        return max(min(now, last) - turned, 0) / 1_000
    }
}
