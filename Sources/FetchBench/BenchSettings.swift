// SPDX-License-Identifier: MIT
// fetchpool

/// The settings of a benchmark: the workloads, the number of rounds and the output files.
package struct BenchSettings: Sendable {
    /// The workloads to measure, in this order; all if the array is empty.
    package var workloads: [Workload] = []
    /// The folder that `Scripts/bench --peers` makes; `nil` to measure fetchpool alone.
    package var peers: String?
    /// The number of times that each program is run, in turns with the others.
    package var rounds = 5
    /// The factor by which the numbers of tasks are multiplied.
    package var scale = 1.0
    /// True for a run of less than a minute, which also checks the instructions per task.
    package var isQuick = false
    /// The JSON file for the result.
    package var jsonFile: String?
    /// The Markdown file for the tables.
    package var markdownFile: String?
    /// The Markdown file for a few ratios.
    package var shortMarkdownFile: String?
    /// The file with the expected instructions per task.
    package var baselineFile: String?
    /// True to rewrite that file.
    package var renewsBaseline = false
    /// The folder of fetchpool's programs.
    package var programFolder = ""

    /// Makes settings that measure all workloads, without peers.
    package init() {}

    /// Changes the settings for a run of less than a minute.
    ///
    /// Such short runs show a loss of half the speed; the instructions per task show smaller losses.
    package mutating func makeQuick() {
        isQuick = true
        if workloads.isEmpty { workloads = [.dispatch, .small, .pages] }
        (rounds, scale) = (min(rounds, 3), scale / 10)
    }
}
