// SPDX-License-Identifier: MIT
// fetchpool

/// The numbers that shape a pool.
package struct PoolOptions: Hashable, Sendable {
    /// Workers that live at once, at most; 1 or more.
    package var workers: Int
    /// Commands that the workers are dealt over, by slot; 1 or more.
    package var commands = 1
    /// Whether all workers are started at once, rather than as tasks come.
    package var startsAll = false
    /// Further tries for a task whose worker died of it, if it may be sent twice; 0 for none.
    package var crashRetries = 1
    /// Failed starts in a row over the whole pool after which it cannot start; 1 or more.
    package var failedStartLimit = 5
    /// Added to each sending's number times 16, so that pools of one run share no number.
    ///
    /// From 0 to 15.
    package var seqOffset = 0
    /// Names, as in `hello`, of concurrent workers known to say `start` before work that may not be repeated.
    ///
    /// At the death of any other concurrent worker such work in hand may have begun, and is not done again.
    package var namesThatSayStart: Set<String> = []

    /// Describes a pool of `workers` workers.
    package init(workers: Int) {
        precondition(workers > 0)
        self.workers = workers
    }
}
