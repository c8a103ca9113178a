// SPDX-License-Identifier: MIT
// fetchpool

/// What is measured, how often, and where the result goes.
package struct BenchSettings: Sendable {
    /// What is measured, in this order; all where none is named.
    package var workloads: [Workload] = []
    /// The folder that `Scripts/bench --peers` makes; `nil` to measure ourselves alone.
    package var peers: String?
    /// How often each program is run, in turns with the others.
    package var rounds = 5
    /// What the numbers of tasks are multiplied by.
    package var scale = 1.0
    /// Whether to be done within a minute, and to check the instructions per task.
    package var isQuick = false
    /// Where the result goes as JSON.
    package var jsonFile: String?
    /// Where the tables go as Markdown.
    package var markdownFile: String?
    /// Where a few ratios go as Markdown.
    package var shortMarkdownFile: String?
    /// The file of instructions per task that are expected.
    package var baselineFile: String?
    /// Whether to write that file anew.
    package var renewsBaseline = false
    /// Where our programs lie.
    package var programFolder = ""

    /// Creates settings that measure everything, without peers.
    package init() {}

    /// The same for those who want to know within a minute.
    ///
    /// Runs are short: they show a loss of half, and the instructions per task show the rest.
    package mutating func makeQuick() {
        isQuick = true
        if workloads.isEmpty { workloads = [.dispatch, .small, .pages] }
        (rounds, scale) = (min(rounds, 3), scale / 10)
    }
}
