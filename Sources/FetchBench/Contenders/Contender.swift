// SPDX-License-Identifier: MIT
// fetchpool

/// A program that executes a workload.
struct Contender: Sendable {
    let workload: Workload
    /// The name in tables, which is unique in the workload.
    let name: String
    /// True for a peer: a program that fetchpool is compared with.
    let isPeer: Bool
    let command: Command
    let result: ResultSource
    /// The number of runs in each round; more than one if a run is short.
    var repetitions = 1
    /// The server that times the run: the time begins when the server gets its first request, and ends with
    /// the program's last output.
    ///
    /// If the server is `nil`, the time comes from `result`.
    var timedBy: TimingServer?

    /// The largest number of rounds; small if a run is long.
    var mostRounds = Int.max
    /// True if the program runs in the network of the crawl servers (`CrawlNetwork`).
    var isInNetwork = false
    /// The number of tasks that must succeed; `nil` allows any number.
    var expectedOK: Int?

    /// The figures to report in addition to rate, processor time and memory.
    var figures: [FigureName] = []

    /// The fixture servers that can report the time of their first request.
    enum TimingServer: Sendable {
        case delayed, instant
    }
}
