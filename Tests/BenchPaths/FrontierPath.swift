// SPDX-License-Identifier: MIT
// fetchpool

/// The frontier: tasks of a thousand hosts, each found, asked, and left again.
enum FrontierPath {
    /// All of it once for each of `count` tasks: with the default limits, and with none.
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
