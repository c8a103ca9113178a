// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import SimulationSupport

/// One world: its pool, its workers' nature, and what befalls them.
struct Scenario {
    /// How the pool is to end.
    enum End { case drained, stopped, cannotStart }

    let options: PoolOptions
    /// One for each command.
    let crews: [Crew]
    let tasks: [TaskPlan]
    let end: End
    /// How many tasks have ended when the pool is stopped, or from when on no worker starts.
    let endsAfter: Int
    /// What a worker shall be doing when the pool is drained or stopped, if it can be had.
    let momentOfEnd: Coverage.State
    /// Nothing goes wrong but for what the tasks do.
    let isQuiet: Bool
    /// One start in so many goes wrong.
    let badBoots: Int
    /// One worker in so many is killed from outside at some time.
    let kills: Int
    /// One in so many says things at random.
    let noisy: Int
    /// Whether the loop stands still for an hour once, and whether the client hands out nothing for a minute once.
    let sleepsAnHour: Bool
    let isBlockedAMinute: Bool

    /// Without an answer for so long a worker that has no deadline is wedged.
    static let bound: PoolTime.Milliseconds = 4_000
    /// The fewest tasks that end in a world before it may.
    static let leastTasks = 500
    private static let never = Int.max

    init(_ random: inout SeededGenerator) {
        let commands = random.pick(1...2)
        options = Self.options(commands: commands, &random)
        crews = (0..<commands).map { _ in Crew.random(&random) }
        isQuiet = random.oneIn(4)
        end = random.oneIn(3) ? .stopped : random.oneIn(12) ? .cannotStart : .drained
        endsAfter = Self.leastTasks + random.pick(0...50)
        momentOfEnd = random.pick(Coverage.State.allCases)
        badBoots = isQuiet ? Self.never : random.pick([4, 10, 40])
        kills = isQuiet ? Self.never : random.pick([3, 10, 40])
        noisy = isQuiet ? Self.never : random.pick([2, 6])
        sleepsAnHour = random.oneIn(4)
        isBlockedAMinute = random.oneIn(4)
        let (rarity, slow) = (random.pick([12, 40, 120]), random.pick([30, 200]))
        let microseconds = random.pick([5...50, 5...400, 200...8_000])
        let count = end == .drained ? random.pick(500...560) : 640
        tasks = (0..<count).map { _ in
            TaskPlan.random(rarity: rarity, slow: slow, microseconds: microseconds, &random)
        }
    }

    private static func options(commands: Int, _ random: inout SeededGenerator) -> PoolOptions {
        var options = PoolOptions(workers: random.pick(1...6))
        options.commands = commands
        options.startsAll = random.oneIn(2)
        options.crashRetries = random.pick(0...3)
        options.keepsSpare = random.oneIn(2)
        options.failedStartLimit = random.pick([5, 20])
        options.tasksPerLife = random.oneIn(3) ? random.pick(1...60) : nil
        options.taskDeadline = random.oneIn(6) ? nil : 1_500
        options.startDeadline = random.pick([1_500, 4_000])
        options.seed = random.next()
        options.heedsFullSpool = random.oneIn(2)
        options.memoryLimitKB = 1
        options.trustedNames = ["ours"]
        options.sendsAhead = !random.oneIn(4)
        options.waitsForAffinity = options.seed % 4 != 0
        return options
    }

    /// For the head of a trace.
    var description: String {
        let weather = isQuiet ? "quiet" : "1 in \(badBoots) starts fails, 1 in \(kills) workers is killed"
        let events = (sleepsAnHour ? ", sleeps an hour" : "") + (isBlockedAMinute ? ", blocked a minute" : "")
        return "\(options)\n\(crews)\n\(tasks.count) tasks, end \(end), \(weather)\(events)"
    }
}
