// SPDX-License-Identifier: MIT
// fetchpool

/// The settings of a benchmark, such as the workloads, the number of rounds and the output files.
package struct BenchSettings: Sendable {
    /// The workloads to measure, in this order; an empty array means all workloads.
    package var workloads: [Workload] = []
    /// The folder of peers that `Scripts/bench --peers` makes; `nil` to measure without these peers.
    ///
    /// The peers are the programs that fetchpool is compared with. The workload `start` needs no folder for
    /// its peer, curl.
    package var peers: String?
    /// The folder of the HTML files to serve; `nil` to serve the generated pages.
    package var corpus: String?
    /// True to count the parts of the pages, such as tags and links, instead of measuring.
    package var onlyCounts = false
    /// The number of rounds; in each round, the programs run one after another.
    ///
    /// `Contender.mostRounds` can lower this number.
    package var rounds = 5
    /// The factor for the numbers of tasks; some of these numbers are fixed or have a minimum.
    package var scale = 1.0
    /// True for a short run, which also checks costs per task.
    package var isQuick = false
    /// The JSON file for the result; `nil` for none.
    package var jsonFile: String?
    /// The Markdown file for the tables; `nil` for none.
    package var markdownFile: String?
    /// The Markdown file for a few ratios; `nil` for none.
    package var shortMarkdownFile: String?
    /// The file with the expected instructions per task; `nil` for none.
    package var baselineFile: String?
    /// True to write the baseline file anew instead of measuring; no effect if `baselineFile` is `nil`.
    package var renewsBaseline = false
    /// The folder of fetchpool's programs.
    package var programFolder = ""

    /// Makes settings that measure all workloads, without a folder of peers.
    package init() {}

    /// Changes the settings for a short run: a tenth of the tasks, and at most 3 rounds.
    ///
    /// If no workload was named, only `dispatch`, `small` and `pages` are measured.
    ///
    /// In a short run, the rates show only large losses. The instructions per task also show small losses.
    package mutating func makeQuick() {
        isQuick = true
        if workloads.isEmpty { workloads = [.dispatch, .small, .pages] }
        (rounds, scale) = (min(rounds, 3), scale / 10)
    }
}
