// SPDX-License-Identifier: MIT
// fetchpool

/// A program that executes a workload.
struct Contender: Sendable {
    let workload: Workload
    /// The name in tables, unique in the workload.
    let name: String
    let isPeer: Bool
    let command: Command
    let result: ResultSource
    /// The number of runs in a row in each round, for short runs.
    var repetitions = 1
    /// The server whose first request starts the measured time; the last byte of output ends it.
    var timedBy: TimingServer?

    /// The largest number of rounds, for long runs.
    var mostRounds = Int.max
    /// True to run in the network of the crawls' servers.
    var isInNetwork = false
    /// The number of tasks that must succeed; `nil` if the share is the result.
    ///
    /// A run with another number of successes is not counted.
    var expectedOK: Int?

    /// The figures of its rows in addition to rate, processor time and memory.
    var figures: [FigureName] = []

    /// The fixture servers that can report the time of their first request.
    enum TimingServer: Sendable {
        case delayed, instant
    }
}
