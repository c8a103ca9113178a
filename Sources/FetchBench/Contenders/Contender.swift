// SPDX-License-Identifier: MIT
// fetchpool

/// A program that does a workload.
struct Contender: Sendable {
    let workload: Workload
    /// What it is called in tables; no other of the workload has the name.
    let name: String
    let isPeer: Bool
    let command: Command
    let result: ResultSource
    /// Runs in a row in each round, for those that are soon done.
    var repetitions = 1
    /// The server whose first request begins the time, which the last byte of output ends.
    var timedBy: TimingServer?

    /// Rounds in which it runs at most, for those that take long.
    var mostRounds = Int.max
    /// Runs where the servers of crawls are.
    var isInNetwork = false
    /// The number of tasks that have to succeed; `nil` where the share is the result.
    ///
    /// A run with another number has no time.
    var expectedOK: Int?

    /// The further figures that its rows have.
    var figures: [FigureName] = []

    /// The programs of the fixture that can tell when they were asked.
    enum TimingServer: Sendable {
        case delayed, instant
    }
}
