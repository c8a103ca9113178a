// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import Frontier
import Platform
import ProcessPool

/// The settings of a run.
package struct RunSettings: Sendable {
    /// The program that processes each response.
    package enum Processing: Hashable, Sendable {
        /// A bundled processor, by name.
        case bundled(String)
        /// A command of the user, as words; the first word is the program.
        case command([String])
    }

    /// The form of input files.
    package enum InputFormat: String, CaseIterable, Sendable {
        /// Tables for files such as `a.csv` and `a.tsv.gz`, and lines for all other files.
        case auto
        case lines, csv, tsv
        /// Records of earlier runs.
        case records

        /// Returns the form of the table in the file `name`; `nil` if the file has lines or records.
        func table(in name: String) -> TableReader.Form? {
            switch self {
            case .csv: .csv
            case .tsv: .tsv
            case .lines, .records: nil
            case .auto:
                switch Self.extensions(of: name).first(where: { !["gz", "zst"].contains($0) }) {
                case "csv": .csv
                case "tsv": .tsv
                default: nil
                }
            }
        }

        /// Returns true if the file `name` is read as a table.
        package func readsTable(in name: String) -> Bool { table(in: name) != nil }

        /// Returns the extensions of a file's name in lower case, the last one first.
        private static func extensions(of name: String) -> some Sequence<Substring> {
            name.lowercased().split(separator: "/").last?.split(separator: ".").dropFirst().reversed() ?? []
        }
    }

    /// The condition for showing the progress; with `auto`, the progress is shown unless `isQuiet` is true.
    package enum ProgressMode: String, CaseIterable, Sendable {
        case auto, on, off
    }

    /// The URLs of the command line; the run takes these URLs before the content of `inputs`.
    package var urls: [String] = []
    /// The input files in order; `-` is standard input.
    ///
    /// If there are neither files nor `urls`, the run reads standard input.
    package var inputs: [String] = []
    /// The scheme for URLs without a scheme; `nil` refuses such URLs.
    package var defaultScheme: TargetURL.Scheme?
    /// The file for records; `nil` is standard output.
    package var output: String?
    /// True if the run passes over the tasks that are done according to the records in `output` (`Journal`).
    package var resumes = false
    /// True if a resumed run also does failed tasks again.
    package var retriesFailures = false
    /// True if records are synced to the disk soon after they are written.
    package var syncsOutput = false
    /// True if records hold ids, results and `meta` as strings, so that each member has one type.
    package var writesTexts = false
    /// The form of the input files.
    package var inputFormat = InputFormat.auto
    /// The records of earlier runs that become tasks, if `inputFormat` is `records`.
    package var recordChoice = RecordChoice()
    /// The names of the columns that are read in tables.
    package var columns = TableTasks.Columns()
    /// The part of the input that this run fetches; `nil` is all of it.
    package var shard: Shard?
    /// The largest number of tasks and invalid lines that the run takes; `nil` for no limit.
    ///
    /// Tasks and lines that `--shard` or `--resume` leaves out do not count. A repeated URL that `dedupes`
    /// leaves out counts.
    package var inputLimit: Int?
    /// True if a URL that the input has several times is fetched only once.
    ///
    /// `RepeatedURLs` names the exceptions.
    package var dedupes = false
    /// True if records are written in the order of the input.
    package var keepsOrder = false
    /// The members that are written in records; `nil` for all.
    package var recordFields: RecordFields?
    /// The time after which the run ends early; `nil` for no limit.
    package var deadline: Duration?
    /// The rule that decides which records make the exit status 1.
    package var failRule = FailRule.any
    /// The limit of failures beyond which the run ends early; `nil` for none.
    package var failureLimit: FailureLimit?
    /// The number of processing workers, or of fetch workers if responses are not processed; `nil` is one for
    /// each usable core.
    package var workers: Int?
    /// The number of fetch workers if responses are processed; `nil` is a quarter of the usable cores, at
    /// least 1.
    package var fetchers: Int?
    /// The settings of each fetch.
    package var fetch = FetchSettings()
    /// The largest number of fetches in flight to one host, over all workers; 0 for no limit.
    package var perHost = 8
    /// The largest average number of fetches that begin per second for one host, above 0; `nil` for no limit.
    package var ratePerSecond: Double?
    /// The longest total time that the run waits for a host that gives no response.
    package var hostPatience: Duration = .seconds(60)
    /// The rules for retries of a failed fetch.
    package var retry = RetrySettings()
    /// The processing of responses; `nil` if they are not processed.
    package var processing: Processing?
    /// The commands that get the tasks instead of the bundled fetch worker; each is an array of words.
    package var workerCommands: [[String]] = []
    /// The labels of the machines on which `workerCommands` run, in the order of the commands; empty for no
    /// labels.
    ///
    /// With labels, each worker must be a child coordinator of this program's version.
    package var workerHosts: [String] = []
    /// The longest time for one response in a processing worker.
    ///
    /// The limit also applies to one task in a worker of `workerCommands`, unless the worker's `hello` names
    /// `fetchpool` or `fetchpool-fetch`.
    package var taskDeadline: Duration = .seconds(60)
    /// The longest time from a worker's start, or from its first task if that is later, to its first line.
    ///
    /// `PoolOptions.startDeadline` names the exceptions.
    package var startDeadline: Duration = .seconds(60)
    /// The number of retries of a task that is blamed for the death of its worker; only for tasks that may be
    /// repeated.
    package var crashRetries = 1
    /// The memory limit in bytes for each processing worker and each worker of `workerCommands`; `nil` for no
    /// limit.
    package var workerMemoryBytes: Int?
    /// The number of tasks after which a processing worker, or a worker of `workerCommands`, is replaced;
    /// `nil` for no limit.
    ///
    /// The limit does not apply to the child coordinators of `workerHosts`.
    package var tasksPerWorker: Int?
    /// The folder for the bodies of responses whose processing worker died or was ended; `nil` for no folder.
    package var crashDirectory: String?
    /// The folder in which the run makes its spool, for bodies that wait for processing; `nil` is the default
    /// place (`SpoolPlace`).
    package var spoolDirectory: String?
    /// The largest size of the responses that wait for processing, in bytes; `nil` is
    /// `SpoolDirectory.usualLimit`.
    package var spoolLimit: Int?
    /// True if this run applies host rules and retries; otherwise the parent coordinator applies both.
    var ownsHosts = true
    /// True if all workers start at the beginning of the run, before tasks need them.
    var startsAllWorkers = false
    /// True if the summary of the run is shown to the user.
    var showsSummary = true
    /// The condition for showing the progress.
    package var progress = ProgressMode.auto
    /// The time between two lines about the progress, if there is no progress display.
    package var logInterval: Duration = .seconds(30)
    /// The form of the lines on standard error.
    package var logFormat = LogFormat.text
    /// The file for the run's statistics as JSON; `nil` for none.
    package var statsFile: String?
    /// The file for the run's statistics as metrics of Prometheus; `nil` for none.
    package var metricsFile: String?
    /// The file for an HTML page about the run; `nil` for none.
    package var reportFile: String?
    /// True if the run shows only errors, and warnings about lost records, a lost page or lost messages.
    ///
    /// If `progress` is `on`, the run also shows the progress.
    package var isQuiet = false
    /// True if starts, failed ends, standard error and stray results of workers are shown.
    ///
    /// The progress then also has lines about the workers.
    package var isVerbose = false
    /// The folder of the bundled programs.
    package var programFolder = ""

    /// Creates the default settings.
    package init() {}

    /// True if responses are processed.
    var processes: Bool { processing != nil }

    /// The rules for requests to hosts; `nil` if the parent coordinator applies them.
    var hostRules: HostRules? {
        guard ownsHosts else { return nil }
        var rules = HostRules(perHost: perHost == 0 ? nil : perHost, rate: ratePerSecond)
        (rules.patience, rules.retries) = (hostPatience, retry.retries)
        return rules
    }

    /// The number of fetch workers, which are bundled or run `workerCommands`.
    var fetcherCount: Int {
        processes ? fetchers ?? max(1, UsableCores.count / 4) : workers ?? UsableCores.count
    }

    /// The number of processing workers.
    var processorCount: Int { workers ?? UsableCores.count }

    /// The `PoolTask.bound` of tasks for processing workers, in milliseconds.
    var timeOfProcessing: Int { taskDeadline.wholeMilliseconds * (1 + crashRetries) + 30_000 }

    /// The time that a fetch worker may take for a result in addition to the fetch, in milliseconds.
    ///
    /// A worker of the user gets more time, because it can also process the response.
    var timeBesideFetch: Int { workerCommands.isEmpty ? 5_000 : timeOfProcessing }
}

extension [String] {
    /// Returns the label of a fetch worker's machine in `RunSettings.workerHosts`; `nil` if no label is set.
    ///
    /// The worker in slot n runs command n modulo the number of commands (`PoolOptions.commands`).
    func host(of worker: WorkerView) -> String? {
        isEmpty ? nil : self[worker.id.slot % count]
    }
}
