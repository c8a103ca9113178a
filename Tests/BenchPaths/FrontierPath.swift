// SPDX-License-Identifier: MIT
// fetchpool

/// Runs the path through the frontier: tasks of a thousand hosts enter and leave, and no task has to wait for
/// its host.
enum FrontierPath {
    /// Runs `count` tasks with the default limits, and then `count` tasks without limits.
    static func all(_ count: Int) -> Int { withLimits(count) &+ withoutLimits(count) }

    static func withLimits(_ count: Int) -> Int {
        var walk = FrontierWalk(hasLimits: true)
        return walk.walk(count)
    }

    static func withoutLimits(_ count: Int) -> Int {
        var walk = FrontierWalk(hasLimits: false)
        return walk.walk(count)
    }
}
