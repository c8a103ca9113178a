// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

/// One world: its pool, its workers' nature, and what befalls them.
struct Scenario {
    /// How the pool is to end.
    enum End { case drained, stopped, cannotStart }

    let options: PoolOptions
    let tasks: [TaskPlan]
    let end: End
    /// How many tasks a worker works on at once; above 1 it may answer in any order.
    let concurrency: Int
    /// Whether the workers call themselves what the pool trusts.
    let isTrusted: Bool
    /// Whether they say `start` for each task, though nobody trusts them.
    let saysStart: Bool
    /// Whether they work without a hello.
    let isSilent: Bool
    /// One start in so many goes wrong.
    let badBoots: Int
    /// One worker in so many is killed from outside at some time.
    let kills: Int
    /// One in so many says things at random.
    let noisy: Int
    /// Whether the loop stands still for an hour once, and whether the client hands out nothing for a minute once.
    let sleepsAnHour: Bool
    let isBlockedAMinute: Bool
    /// Without an answer for so long a worker with many tasks is wedged.
    static let bound: PoolTime.Milliseconds = 4_000

    init(_ random: inout SeededGenerator) {
        var options = PoolOptions(workers: random.pick(1...6))
        options.startsAll = random.oneIn(2)
        options.commands = random.pick(1...2)
        options.crashRetries = random.pick(0...3)
        options.keepsSpare = random.oneIn(2)
        options.tasksPerLife = random.oneIn(3) ? random.pick(1...60) : nil
        options.taskDeadline = 1_500
        options.memoryLimitKB = 1
        options.trustedNames = ["ours"]
        concurrency = random.oneIn(3) ? random.pick(2...32) : 1
        isTrusted = concurrency > 1 && random.oneIn(2)
        saysStart = isTrusted || (concurrency > 1 && random.oneIn(3))
        isSilent = concurrency == 1 && random.oneIn(6)
        end = random.oneIn(12) ? .stopped : random.oneIn(25) ? .cannotStart : .drained
        badBoots = random.pick([4, 10, 40])
        kills = random.pick([3, 10, 40])
        noisy = random.pick([2, 6])
        sleepsAnHour = random.oneIn(4)
        isBlockedAMinute = random.oneIn(4)
        let (rarity, slow, count) = (
            random.pick([12, 40, 120]), random.pick([30, 200]), random.pick(500...620)
        )
        tasks = (0..<count).map { _ in TaskPlan.random(rarity: rarity, slow: slow, &random) }
        self.options = options
    }
}
