// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import Frontier
import Platform

/// Everything that one run is told: the command line, read.
package struct RunSettings: Sendable {
    /// Who makes something of each response.
    package enum Processing: Hashable, Sendable {
        /// One of the bundled processors, by name.
        case bundled(String)
        /// A command of the user's: its words, the program first.
        case command([String])
    }

    /// Whether a progress line is shown.
    package enum ProgressMode: String, CaseIterable, Sendable {
        case auto, on, off
    }

    /// URLs named on the command line; they come before all inputs.
    package var urls: [String] = []
    /// Input files in their order; `-` is standard input.
    package var inputs: [String] = []
    /// Where records go; `nil` is standard output.
    package var output: String?
    /// Worker processes that do the work; `nil` is one for each usable core.
    package var workers: Int?
    /// Fetch workers beside processing ones; `nil` is a quarter of the usable cores, at least 1.
    package var fetchers: Int?
    /// How to fetch.
    package var fetch = FetchSettings()
    /// Fetches in flight to one host, over all workers; 0 for no limit.
    package var perHost = 8
    /// Fetches begun a second to one host, positive; `nil` for no limit.
    package var ratePerSecond: Double?
    /// All waiting for a host that gives no answer, in sum.
    package var hostPatience: Duration = .seconds(60)
    /// When a failed fetch is begun again.
    package var retry = RetrySettings()
    /// What to do with each response.
    package var processing: Processing?
    /// Commands that get the tasks in place of the bundled fetch worker, each as its words.
    package var workerCommands: [[String]] = []
    /// How long a worker may process one response, or a sequential worker of `workerCommands` work on one task.
    package var taskDeadline: Duration = .seconds(60)
    /// The time for which a worker may take from its start to its first line.
    package var startDeadline: Duration = .seconds(60)
    /// Further tries of a task that a worker died of, if it may be done twice.
    package var crashRetries = 1
    /// The most memory of one worker that processes, or of `workerCommands`, in bytes; `nil` for no limit.
    package var workerMemoryBytes: Int?
    /// Tasks that one such worker is given before another takes its place; `nil` for no limit.
    package var tasksPerWorker: Int?
    /// Where bodies are kept that a worker died of.
    package var crashDirectory: String?
    /// Where bodies wait for processing; `nil` finds a place.
    package var spoolDirectory: String?
    /// How many bytes may wait there; `nil` takes 256 MiB or half of what is free.
    package var spoolLimit: Int?
    /// True if this run applies host rules and retries; else whoever gave the tasks does both.
    var ownsHosts = true
    /// True if all workers start at once; else they start as work comes.
    var startsAllWorkers = false
    /// True if the user is told how the run went.
    var showsSummary = true
    /// When a progress line is shown.
    package var progress = ProgressMode.auto
    /// Where the run's summary goes as JSON.
    package var statsFile: String?
    /// Whether only errors are said.
    package var isQuiet = false
    /// Whether what workers say is shown.
    package var isVerbose = false
    /// The folder of the bundled programs.
    package var programFolder = ""

    /// The defaults.
    package init() {}

    /// Whether responses are handed on for processing.
    var processes: Bool { processing != nil }

    /// The rules that hosts are asked by; `nil` for none.
    var hostRules: HostRules? {
        guard ownsHosts else { return nil }
        var rules = HostRules(perHost: perHost == 0 ? nil : perHost, rate: ratePerSecond)
        (rules.patience, rules.retries) = (hostPatience, retry.retries)
        return rules
    }

    /// How many workers fetch.
    var fetcherCount: Int {
        processes ? fetchers ?? max(1, UsableCores.count / 4) : workers ?? UsableCores.count
    }

    /// How many workers process.
    var processorCount: Int { workers ?? UsableCores.count }

    /// How long a processing worker may be without an answer while it has a task, in milliseconds.
    var timeOfProcessing: Int { taskDeadline.wholeMilliseconds * (1 + crashRetries) + 30_000 }

    /// What a fetch worker is allowed beside the fetch, in milliseconds; one of the user's may process as well.
    var timeBesideFetch: Int { workerCommands.isEmpty ? 5_000 : timeOfProcessing }
}
