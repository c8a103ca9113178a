// SPDX-License-Identifier: MIT
// fetchpool

/// The limit on the speed of a run at one time.
struct RunLimit: Hashable, Sendable {
    /// The kinds of limits; JSON lines about the progress of a run (`LogEntry`) have the raw value.
    enum Kind: String, CaseIterable, Sendable {
        /// No command of a fetch worker has shown that it can start, or all fetch workers are starting or
        /// will be started.
        case start
        /// The fetch workers have as many tasks as they may have now.
        case network
        /// Responses wait while no processing worker is free, or the spool has no space for another response.
        case processing
        /// The tasks wait for the rules of their hosts, or for the time of a retry.
        case host
        /// The records are not written as fast as they come.
        case output
        /// The next part of the input has not come.
        case input
        /// All tasks have begun, and some have not ended.
        case lastTasks = "last_tasks"
        /// A signal or a rule ends the run, and some tasks have not ended.
        case ending
    }

    var kind: Kind
    /// The texts after `waiting for: `, longest first.
    var texts: [String]
    /// The host as text, if the kind is `host`; otherwise `nil`.
    var host: String?

    init(_ kind: Kind, _ texts: String..., host: String? = nil) {
        (self.kind, self.texts, self.host) = (kind, texts, host)
    }
}

/// The part of a run's state that determines the run's limit.
struct RunLoad: Hashable, Sendable {
    /// The workers of one pool.
    struct Pool: Hashable, Sendable {
        /// True if a command has shown that it can start (`PoolLoop.hasHeard(from:)`), and
        /// `PoolUse.isStarting` is false.
        var isReady = false
        /// The number of live workers, not counting spares, and the number of these workers that have a task.
        var workers = 0
        var busy = 0
        /// The number of tasks that the workers have.
        var inFlight = 0
        /// True if the workers have tasks, and get no further task now.
        var isFull = false
        /// The longest time that any worker has had its oldest task, in nanoseconds; 0 if no worker has a
        /// task (`PoolLoop.longestInHand(of:)`).
        var longest = 0
    }

    /// The host with the most waiting tasks, in a run in which no host allows a fetch now.
    struct Host: Hashable, Sendable {
        var name: String
        var inFlight = 0
        /// The time until the rules of the host allow a fetch, in nanoseconds.
        ///
        /// The time is 0 if a fetch of the host must end first.
        var wait = 0
        /// The limit of requests per second, if only this limit delays the host now; otherwise `nil`.
        var rate: Double?
        /// True if the host gives no response, and gets one request at a time.
        var isSilent = false
        /// The number of waiting tasks if all of them wait for a retry; otherwise `nil`.
        var retries: Int?
        /// The number of other hosts with waiting tasks.
        var others = 0
    }

    var fetching = Pool()
    /// The pool of processing workers; `nil` if responses are not processed.
    var processing: Pool?
    /// True if the fetch workers are the bundled ones, which only fetch.
    var onlyFetches = true
    /// The number of responses that wait for a processing worker.
    var waitingResponses = 0
    /// True if the spool has no space for the response of a further fetch.
    var isSpoolFull = false
    /// True if too many bytes of records wait to be written.
    var isOutputFull = false
    /// True if the input has no more tasks.
    var isInputRead = false
    /// True if no task waits for its fetch or for a retry.
    var isFrontierEmpty = true
    /// True if the run needs the next part of the input, which has not come.
    var isInputAwaited = false
    /// The host that delays the run; `nil` for none.
    var host: Host?
    /// True if a signal or a rule ends the run.
    var isEnding = false
}

extension RunLoad {
    /// The limit of a run in this state; `nil` for none.
    var limit: RunLimit? {
        let inFlight = fetching.inFlight + (processing?.inFlight ?? 0)
        if isEnding { return inFlight > 0 ? rest(.ending) : nil }
        if isOutputFull {
            return RunLimit(.output, "the output, which accepts records too slowly", "the output")
        }
        if !fetching.isReady { return RunLimit(.start, "workers to start") }
        if let processing, isSpoolFull || waitingResponses > 0 && processing.busy >= processing.workers {
            return processingLimit(processing)
        }
        if fetching.isFull { return networkLimit }
        if let host { return RunLimit(.host, host.text, host.name, host: host.name) }
        if isInputRead, isFrontierEmpty { return inFlight > 0 ? rest(.lastTasks) : nil }
        return isInputAwaited ? RunLimit(.input, "the input") : nil
    }

    private func processingLimit(_ pool: Pool) -> RunLimit {
        guard pool.isReady else { return RunLimit(.processing, "processing workers to start", "processing") }
        guard waitingResponses > 0 else {
            return RunLimit(.processing, "space in the spool (\(fetchesInFlight) in flight)", "the spool")
        }
        let waiting = "\(waitingResponses) \(waitingResponses == 1 ? "response waits" : "responses wait")"
        return RunLimit(
            .processing,
            "processing (\(pool.busy) of \(pool.workers) workers busy, \(waiting))",
            "processing (\(waiting))",
            "processing"
        )
    }

    private var networkLimit: RunLimit {
        guard onlyFetches else {
            return RunLimit(
                .network,
                "the workers (\(fetching.busy) of \(fetching.workers) busy)",
                "the workers"
            )
        }
        return RunLimit(.network, "the network (\(fetchesInFlight) in flight)", "the network")
    }

    /// The number of fetches in flight as text.
    private var fetchesInFlight: String {
        fetching.inFlight == 1 ? "1 fetch" : "\(fetching.inFlight) fetches"
    }

    private func rest(_ kind: RunLimit.Kind) -> RunLimit {
        let (fetches, processed) = (fetching.inFlight, processing?.inFlight ?? 0)
        let longest = max(fetching.longest, processing?.longest ?? 0) / 1_000_000_000
        guard fetches + processed > 1 else {
            let word = fetches > 0 ? "the last fetch" : "the last task, in processing"
            guard longest > 0 else { return RunLimit(kind, word, "the last task") }
            return RunLimit(kind, "\(word) for \(longest) s", word, "the last task")
        }
        var parts: [String] = []
        if fetches > 0 { parts.append(fetchesInFlight) }
        if processed > 0 { parts.append("\(processed) in processing") }
        let words = "the last " + parts.joined(separator: " and ")
        guard longest > 0 else { return RunLimit(kind, words, "the last tasks") }
        return RunLimit(kind, "\(words), the longest for \(longest) s", words, "the last tasks")
    }
}

extension RunLoad.Host {
    fileprivate var text: String {
        let second = 1_000_000_000
        let most = others > 0 ? " and \(others) other \(others == 1 ? "host" : "hosts")" : ""
        if isSilent, wait < second { return "\(name)\(most) (no response, one request at a time)" }
        if let retries, wait < second {
            return "\(name)\(most) (\(retries) \(retries == 1 ? "retry" : "retries"))"
        }
        if let rate { return "\(name)\(most) (\(RunSummary.short(rate)) requests/s)" }
        if wait >= second { return "\(name)\(most) (left alone for \(wait / second) s)" }
        return "\(name)\(most) (\(inFlight) at a time)"
    }
}
