// SPDX-License-Identifier: MIT
// fetchpool

/// The largest number of inputs that a map may have taken without having returned their results.
///
/// If the caller has set a `bufferSize`, the number is `bufferSize`. Otherwise the number grows while the map
/// waits for results and the pool has no tasks left to send. So the number is large for cheap tasks, and
/// small for slow tasks.
struct PullAhead: Sendable {
    private(set) var count: Int
    private let limit: Int

    /// The largest number if the caller has set no `bufferSize`.
    private static let usualLimit = 16_384

    init(workers: Int, bufferSize: Int?) {
        limit = bufferSize ?? Self.usualLimit
        count = bufferSize ?? 4 * min(workers, Self.usualLimit / 4)
    }

    /// The smallest number of inputs that a `PoolMap` takes together, apart from the last inputs.
    var step: Int { max(1, count / 4) }

    /// The largest number of results that a `PoolMap` takes together.
    ///
    /// This is a small part of `count`, so that the workers still have tasks while a slow consumer uses the
    /// results.
    var mostAtOnce: Int { min(max(1, count / 8), 256) }

    mutating func grow() { count = count > limit / 2 ? limit : 2 * count }
}
