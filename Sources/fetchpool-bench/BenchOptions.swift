// SPDX-License-Identifier: MIT
// fetchpool

import FetchBench
import FetchModel
import OptionTable

/// The command line of `fetchpool-bench`.
struct BenchOptions: Sendable {
    var workloads: [String] = []
    var peers: String?
    var programs: String?
    var rounds: Int?
    var scale: Rate?
    var isQuick = false
    var json: String?
    var markdown: String?
    var shortMarkdown: String?
    var baseline: String?
    var renewsBaseline = false
    var corpus: String?
    var onlyCounts = false

    /// The options, one row each.
    static let table = OptionTable<BenchOptions>(
        "fetchpool-bench",
        version: ProductVersion.text,
        summary:
            "Measures fetchpool and its alternatives on this machine, in turns. 'Scripts/bench --peers' installs the alternatives. 'fetchpool-bench frontier' crawls simulated hosts; it has a help of its own.",
        sections: OptionSection(
            nil,
            .operands(
                as: "WORKLOAD",
                appendTo: \.workloads,
                help: "\(Workload.allCases.map(\.rawValue).joined(separator: ", ")); all if none is named"
            ),
            .value(
                "--peers",
                as: "DIR",
                sets: \.peers,
                shownDefault: "none",
                help: "the folder of the alternatives, from 'Scripts/bench --peers'"
            ),
            .value(
                "--programs",
                as: "DIR",
                sets: \.programs,
                shownDefault: "the folder of this program",
                help: "measure the fetchpool in this folder, such as another build"
            ),
            .value(
                "--rounds",
                as: "N",
                sets: \.rounds,
                accepting: .within(1...1_000),
                shownDefault: "5",
                help: "the number of rounds; workloads with long runs have fewer"
            ),
            .value(
                "--scale",
                as: "FACTOR",
                sets: \.scale,
                shownDefault: "1",
                help: "the factor for the numbers of tasks, such as 0.1"
            ),
            .value(
                "--corpus",
                as: "DIR",
                sets: \.corpus,
                shownDefault: "generated pages",
                help: "pages: the HTML files in this folder and below it"
            ),
            .flag(
                "--composition",
                sets: \.onlyCounts,
                help: "only count tags, links and so on of the generated pages, and of DIR"
            ),
            .flag("--quick", sets: \.isQuick, help: "take less than a minute: few tasks, no alternatives"),
            .value("--json", as: "FILE", sets: \.json, shownDefault: "none", help: "the result as JSON"),
            .value(
                "--markdown",
                as: "FILE",
                sets: \.markdown,
                shownDefault: "none",
                help: "the tables as Markdown"
            ),
            .value(
                "--short-markdown",
                as: "FILE",
                sets: \.shortMarkdown,
                shownDefault: "none",
                help: "a few ratios as Markdown, for the README"
            ),
            .value(
                "--baseline",
                as: "FILE",
                sets: \.baseline,
                shownDefault: "none",
                help: "the expected instructions per task, which --quick compares"
            ),
            .flag("--renew-baseline", sets: \.renewsBaseline, help: "only write the file of --baseline anew")
        )
    )

    /// Returns the settings for these options.
    ///
    /// - Throws: `UsageError` for an unknown workload, for options that cannot be combined, or for a missing
    ///   option that another option needs.
    func settings() throws(UsageError) -> BenchSettings {
        var settings = BenchSettings()
        for name in workloads {
            guard let workload = Workload(rawValue: name) else {
                let names = Workload.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("there is no workload '\(name)'; there are \(names)")
            }
            settings.workloads.append(workload)
        }
        if isQuick, peers != nil { throw UsageError("--quick cannot be combined with --peers") }
        if renewsBaseline, baseline == nil { throw UsageError("--renew-baseline needs --baseline FILE") }
        if baseline != nil, !isQuick, !renewsBaseline { throw UsageError("--baseline needs --quick") }
        if corpus != nil, !onlyCounts, settings.workloads != [.pages] {
            throw UsageError(
                "--corpus works only with the workload pages or with --composition; write: pages --corpus DIR"
            )
        }
        (settings.corpus, settings.onlyCounts) = (corpus, onlyCounts)
        settings.peers = peers
        if let programs { settings.programFolder = programs }
        if let rounds { settings.rounds = rounds }
        if let scale { settings.scale = scale.perSecond }
        if isQuick { settings.makeQuick() }
        (settings.jsonFile, settings.markdownFile) = (json, markdown)
        settings.shortMarkdownFile = shortMarkdown
        (settings.baselineFile, settings.renewsBaseline) = (baseline, renewsBaseline)
        return settings
    }
}
