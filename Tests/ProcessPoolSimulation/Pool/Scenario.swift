// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool
import SimulationSupport

/// The plan of one world: its pool, its workers' properties, its tasks and its faults.
struct Scenario {
    /// The planned end of the pool.
    enum End { case drained, stopped, cannotStart }

    let options: PoolOptions
    /// The workers' common properties, for each command.
    let crews: [Crew]
    let tasks: [TaskPlan]
    let end: End
    /// The number of ended tasks after which the pool is stopped, or no worker starts any more; not used if
    /// `end` is `drained`.
    let endsAfter: Int
    /// The state that some worker should have at the moment when the world causes the end.
    let momentOfEnd: Coverage.State
    /// True if only the tasks cause faults.
    let isQuiet: Bool
    /// On average, one start in this number is bad, apart from the special cases in `World.makeNature`.
    let badBoots: Int
    /// On average, one worker in this number gets SIGKILL from outside, if the worker lives long enough.
    let kills: Int
    /// On average, one worker in this number sends random lines.
    let noisy: Int
    /// True if the loop once stands still for an hour.
    let sleepsAnHour: Bool
    /// True if the client once provides no tasks for a minute.
    let isBlockedAMinute: Bool

    /// The `bound` of each task: the longest time without a result while the task is a worker's oldest task.
    ///
    /// The bound does not apply to a child coordinator. It does not apply to an untrusted sequential worker
    /// either if tasks have a deadline.
    static let bound: PoolTime.Milliseconds = 4_000
    /// The smallest number of tasks that must have ended before the pool is stopped, or can start no more
    /// workers.
    static let leastTasks = 500
    private static let never = Int.max

    init(_ random: inout SeededGenerator) {
        let commands = random.pick(1...2)
        options = Self.options(commands: commands, &random)
        let isPlain = !options.startsMachines
        crews = (0..<commands).map { _ in Crew.random(&random, mayBeSilent: isPlain, mayCoordinate: isPlain) }
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
        options.respectsFullSpool = random.oneIn(2)
        options.memoryLimitKB = 1
        options.trustedNames = ["ours", "fetchpool"]
        options.workersAreRemote = random.oneIn(2)
        options.reconnectTime = random.pick([0, 500, 60_000])
        options.lossLimit = random.pick(1...4)
        options.sendsAhead = !random.oneIn(4)
        options.waitsForAffinity = options.seed % 4 != 0
        options.keepsAffinity = options.seed % 5 == 0
        options.startsMachines = options.seed % 24 == 0
        if options.startsMachines {
            (options.startsAll, options.keepsSpare) = (true, false)
            // Each machine has a worker.
            options.workers = max(options.workers, commands)
        }
        return options
    }

    /// Returns the affinity of a task; `nil` if it has none.
    static func affinity(of token: Int) -> Int? { token % 5 == 0 ? nil : token * 7 % 23 }

    /// The first lines of a trace.
    var description: String {
        let weather = isQuiet ? "quiet" : "1 in \(badBoots) starts fails, 1 in \(kills) workers is killed"
        let events = (sleepsAnHour ? ", sleeps an hour" : "") + (isBlockedAMinute ? ", blocked a minute" : "")
        return "\(options)\n\(crews)\n\(tasks.count) tasks, end \(end), \(weather)\(events)"
    }
}
