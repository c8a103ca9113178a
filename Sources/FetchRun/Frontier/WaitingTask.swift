// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import ProcessPool

/// A line that waits to be fetched, for the first time or again.
struct WaitingTask: Sendable {
    /// What was read.
    let line: InputLine
    /// The number that a coordinator above gave it; `nil` for a line of input.
    let upstream: Int?
    /// Fetches of it that have begun.
    var fetches = 0
    /// Tries that failed, in order.
    var earlierTries: [EarlierTry] = []
    /// When the last of them ended.
    var failedAt: PoolTime?

    /// Its line's number over all inputs.
    var ordinal: Int {
        switch line {
        case .blank: 0
        case .task(let task): task.ordinal
        case .refused(let refused): refused.ordinal
        }
    }

    /// About the memory that it takes, in bytes.
    var bytes: Int {
        let text =
            switch line {
            case .blank: 0
            case .task(let task): task.object.count
            case .refused(let refused): refused.id.count + refused.url.count + (refused.meta?.count ?? 0)
            }
        // The value itself, the heads of its arrays, and its part in the queues.
        return text + 384
    }

    /// The tries before, the last with the time that was waited since.
    func triesUntil(_ now: PoolTime) -> [EarlierTry] {
        guard let failedAt, !earlierTries.isEmpty else { return earlierTries }
        var tries = earlierTries
        tries[tries.count - 1].waitMicroseconds = (now - failedAt) / 1_000
        return tries
    }
}
