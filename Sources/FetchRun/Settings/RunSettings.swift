// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import Frontier
import Platform

/// The settings of a run, as read from the command line.
package struct RunSettings: Sendable {
    /// The program that processes each response.
    package enum Processing: Hashable, Sendable {
        /// A bundled processor, by name.
        case bundled(String)
        /// A command of the user: its words, the program first.
        case command([String])
    }

    /// The condition for showing a progress line.
    package enum ProgressMode: String, CaseIterable, Sendable {
        case auto, on, off
    }

    /// The URLs of the command line; they come before all inputs.
    package var urls: [String] = []
    /// The input files in order; `-` is standard input.
    package var inputs: [String] = []
    /// The file for records; `nil` is standard output.
    package var output: String?
    /// The number of worker processes for the main work; `nil` is one for each usable core.
    package var workers: Int?
    /// The number of fetch workers besides processing workers; `nil` is a quarter of the usable cores, at
    /// least 1.
    package var fetchers: Int?
    /// The settings of each fetch.
    package var fetch = FetchSettings()
    /// The limit of fetches in flight to one host, over all workers; 0 for no limit.
    package var perHost = 8
    /// The limit of fetches that begin each second for one host, positive; `nil` for no limit.
    package var ratePerSecond: Double?
    /// The total time to wait for a host that sends no response.
    package var hostPatience: Duration = .seconds(60)
    /// The rules for retries of a failed fetch.
    package var retry = RetrySettings()
    /// The processing of responses; `nil` if they are not processed.
    package var processing: Processing?
    /// Commands that get the tasks in place of the bundled fetch worker, each as its words.
    package var workerCommands: [[String]] = []
    /// The time that a worker may process one response, or that a sequential worker of `workerCommands` may
    /// work on one task.
    package var taskDeadline: Duration = .seconds(60)
    /// The time that a worker may take from its start to its first line.
    package var startDeadline: Duration = .seconds(60)
    /// The number of retries of a task whose worker died of it, if the task may be repeated.
    package var crashRetries = 1
    /// The memory limit of one processing worker, or of one worker of `workerCommands`, in bytes; `nil` for
    /// no limit.
    package var workerMemoryBytes: Int?
    /// The number of tasks for one such worker, after which another replaces it; `nil` for no limit.
    package var tasksPerWorker: Int?
    /// The folder for bodies that a worker died of; `nil` keeps none.
    package var crashDirectory: String?
    /// The folder for bodies that wait for processing; `nil` selects one.
    package var spoolDirectory: String?
    /// The limit of bytes that may wait there; `nil` is 256 MiB or half of the free space.
    package var spoolLimit: Int?
    /// True if this run applies host rules and retries; otherwise the parent coordinator applies both.
    var ownsHosts = true
    /// True if all workers start at once; otherwise workers start as tasks come.
    var startsAllWorkers = false
    /// True if the summary of the run is shown to the user.
    var showsSummary = true
    /// The condition for showing a progress line.
    package var progress = ProgressMode.auto
    /// The file for the run's summary as JSON; `nil` for none.
    package var statsFile: String?
    /// True if only errors are shown.
    package var isQuiet = false
    /// True if messages of workers are shown.
    package var isVerbose = false
    /// The folder of the bundled programs.
    package var programFolder = ""

    /// Creates the default settings.
    package init() {}

    /// True if responses are passed on for processing.
    var processes: Bool { processing != nil }

    /// The rules for requests to hosts; `nil` for none.
    var hostRules: HostRules? {
        guard ownsHosts else { return nil }
        var rules = HostRules(perHost: perHost == 0 ? nil : perHost, rate: ratePerSecond)
        (rules.patience, rules.retries) = (hostPatience, retry.retries)
        return rules
    }

    /// The number of fetch workers.
    var fetcherCount: Int {
        processes ? fetchers ?? max(1, UsableCores.count / 4) : workers ?? UsableCores.count
    }

    /// The number of processing workers.
    var processorCount: Int { workers ?? UsableCores.count }

    /// The time that a processing worker with a task may take without a result, in milliseconds.
    var timeOfProcessing: Int { taskDeadline.wholeMilliseconds * (1 + crashRetries) + 30_000 }

    /// The time added to a fetch for a fetch worker's result, in milliseconds; a worker of the user may
    /// process as well.
    var timeBesideFetch: Int { workerCommands.isEmpty ? 5_000 : timeOfProcessing }
}
