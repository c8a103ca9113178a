// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import OptionTable

/// The command line of a run, as its options set it.
struct FetchOptions: Sendable {
    var urls: [String] = []
    var inputs: [String] = []
    var output: String?
    var workers: Int?
    var fetchers: Int?
    var concurrency = 32
    var processor: BundledProcessor?
    var exec: [String]?
    var isSupervised = false
    var workerCommands: [[String]] = []
    var perHost: Int?
    var rate: Rate?
    var retries: Int?
    var retryStatus: [Int]?
    var maxRetryAfter: Duration?
    var hostPatience: Duration?
    var timeout: Duration?
    var connectTimeout: Duration = .seconds(10)
    var dnsCache: Duration = .seconds(60)
    var maxBody = ByteCount(bytes: 32 << 20)
    var maxRedirects = 10
    var privateAddresses: PrivateAddresses?
    var headers: [String] = []
    var userAgent: String?
    var proxy: String?
    var certificateFile: String?
    var isInsecure = false
    var isHTTP1Only = false
    var taskDeadline: Duration?
    var startDeadline: Duration?
    var crashRetries = 1
    var workerMemory: ByteCount?
    var tasksPerWorker: Int?
    var crashDirectory: String?
    var spoolDirectory: String?
    var spoolLimit: ByteCount?
    var progress = ProgressChoice.auto
    var statsFile: String?
    var isQuiet = false
    var isVerbose = false

    /// The processors that `fetchpool-process` has.
    enum BundledProcessor: String, CaseIterable, OptionValue {
        case links, text, json
    }

    /// When a progress line is shown.
    enum ProgressChoice: String, CaseIterable, OptionValue {
        case auto, on, off
    }
}
