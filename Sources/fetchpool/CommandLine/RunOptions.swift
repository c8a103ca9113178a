// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchOptionTable
import FetchRun
import OptionTable

/// The options of a run's command line.
struct RunOptions: Sendable {
    var urls: [String] = []
    var inputs: [String] = []
    var defaultScheme: DefaultScheme?
    var output: String?
    var inputFormat = RunSettings().inputFormat
    var recordChoice: RecordChoice?
    var urlColumn: String?
    var idColumn: String?
    var shard: Shard?
    var inputLimit: Int?
    var dedupes = false
    var keepsOrder = false
    var recordFields: RecordFields?
    var failRule: FailRule?
    var failureLimit: FailureLimit?
    var deadline: Duration?
    var isResumed = false
    var retriesFailures = false
    var syncsOutput = false
    var values: RecordValues?
    var workers: Int?
    var fetchers: Int?
    var fetch = FetchOptions()
    var processor: BundledProcessor?
    var exec: [String]?
    var isSupervised = false
    var workerCommands: [[String]] = []
    var hosts: RemoteHosts?
    var ssh: [String]?
    var perHost: Int?
    var rate: Rate?
    var retries: Int?
    var retryStatus: [Int]?
    var maxRetryAfter: Duration?
    var hostPatience: Duration?
    var taskDeadline: Duration?
    var startDeadline: Duration?
    var crashRetries = RunSettings().crashRetries
    var workerMemory: ByteCount?
    var tasksPerWorker: Int?
    var crashDirectory: String?
    var spoolDirectory: String?
    var spoolLimit: ByteCount?
    var progress = RunSettings().progress
    var logInterval: Duration?
    var logFormat = RunSettings().logFormat
    var statsFile: String?
    var metricsFile: String?
    var reportFile: String?
    var isQuiet = false
    var isVerbose = false

    /// The form of ids, results and `meta` in records.
    enum RecordValues: String, CaseIterable, OptionValue {
        /// Any JSON values.
        case json
        /// Strings: ids as text, results and `meta` as the text of their JSON.
        case text
    }

    /// The processors of `fetchpool-process`.
    enum BundledProcessor: String, CaseIterable, OptionValue {
        case links, text, json
    }
}

extension RunSettings.ProgressMode: OptionValue {}

extension RunSettings.InputFormat: OptionValue {}

extension LogFormat: OptionValue {}
