// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchOptionTable
import FetchRun
import Frontier
import OptionTable
import Platform

extension RunOptions {
    /// Returns the settings of a run for these options.
    ///
    /// - Throws: `UsageError` for options that cannot be combined or used.
    func settings(programFolder: String) throws(UsageError) -> RunSettings {
        try check()
        var settings = RunSettings()
        (settings.urls, settings.inputs, settings.output) = (urls, inputs, output)
        settings.defaultScheme = defaultScheme?.scheme
        settings.inputFormat = inputFormat
        if let recordChoice { settings.recordChoice = recordChoice }
        if let urlColumn { settings.columns.url = urlColumn }
        settings.columns.id = idColumn
        (settings.shard, settings.inputLimit, settings.dedupes) = (shard, inputLimit, dedupes)
        (settings.keepsOrder, settings.recordFields) = (keepsOrder, recordFields)
        if let failRule { settings.failRule = failRule }
        (settings.failureLimit, settings.deadline) = (failureLimit, deadline)
        settings.resumes = isResumed || retriesFailures
        (settings.retriesFailures, settings.syncsOutput) = (retriesFailures, syncsOutput)
        settings.writesTexts = values == .text
        settings.recordChoice.holdsTexts = values == .text
        (settings.workers, settings.fetchers) = (workers, fetchers)
        settings.fetch = try fetch.resolved().settings
        settings.processing = processor.map { .bundled($0.rawValue) } ?? exec.map { .command($0) }
        settings.workerCommands = workerCommands
        apply(to: &settings.retry)
        if let perHost { settings.perHost = perHost }
        settings.ratePerSecond = rate?.perSecond
        if let hostPatience { settings.hostPatience = hostPatience }
        if let taskDeadline { settings.taskDeadline = taskDeadline }
        if let startDeadline { settings.startDeadline = startDeadline }
        settings.crashRetries = crashRetries
        settings.workerMemoryBytes = workerMemory?.bytesInMessages
        settings.tasksPerWorker = tasksPerWorker
        settings.crashDirectory = crashDirectory
        (settings.spoolDirectory, settings.spoolLimit) = (spoolDirectory, spoolLimit?.bytes)
        settings.progress = progress
        if let logInterval { settings.logInterval = logInterval }
        settings.logFormat = logFormat
        (settings.statsFile, settings.metricsFile) = (statsFile, metricsFile)
        (settings.isQuiet, settings.isVerbose) = (isQuiet, isVerbose)
        settings.reportFile = reportFile
        settings.programFolder = programFolder
        if let hosts { apply(hosts, to: &settings) }
        return settings
    }

    /// Notices for the user about the options.
    var notices: [String] {
        var notices = (try? fetch.resolved().notices) ?? []
        if workerMemory != nil, hosts == nil, ProcessMemory.isUnknownForOthers {
            notices.append(
                "/proc belongs to another PID namespace, so workers cannot be measured; --worker-memory is only the limit that each worker sets itself"
            )
        }
        if let crashDirectory, hosts == nil, let notice = CrashFolder.notice(about: crashDirectory) {
            notices.append(notice)
        }
        return notices
    }

    /// Replaces the fetch workers and processing workers of this run by child coordinators on the given
    /// machines.
    ///
    /// The child coordinators fetch, process responses, and limit their own workers. The parent coordinator,
    /// this process, applies the rules for the hosts of URLs and for retries.
    private func apply(_ hosts: RemoteHosts, to settings: inout RunSettings) {
        settings.workerCommands = hosts.commands(
            ssh: RemoteHosts.connection(ssh),
            options: optionsOfChildren,
            workers: workers,
            local: settings.programFolder + "/fetchpool"
        )
        settings.workerHosts = hosts.hosts.map { $0.isLocal ? "localhost" : $0.name }
        (settings.workers, settings.fetchers) = (hosts.hosts.count, nil)
        settings.processing = nil
        (settings.workerMemoryBytes, settings.tasksPerWorker) = (nil, nil)
        (settings.crashDirectory, settings.spoolDirectory, settings.spoolLimit) = (nil, nil, nil)
    }

    /// The options of this run that concern workers, except `--workers`, for the command lines of child
    /// coordinators.
    ///
    /// The options for fetching are sent in the message `init` instead. Other users of a machine can read a
    /// command line, but not `init`.
    private var optionsOfChildren: [String] {
        var words: [String] = []
        func add(_ option: String, _ value: String?) {
            if let value { words += [option, value] }
        }
        add("--processor", processor?.rawValue)
        add("--exec", exec.map { $0.map(ShellText.quoted).joined(separator: " ") })
        add("--fetchers", fetchers.map(String.init))
        add("--task-deadline", taskDeadline?.optionText)
        add("--start-deadline", startDeadline?.optionText)
        if processor != nil || exec != nil { add("--crash-retries", "\(crashRetries)") }
        add("--worker-memory", workerMemory?.optionText)
        add("--max-tasks-per-worker", tasksPerWorker.map(String.init))
        add("--crash-dir", crashDirectory)
        add("--spool", spoolDirectory)
        add("--spool-limit", spoolLimit?.optionText)
        if isVerbose { words.append("--verbose") }
        return words
    }

    private func apply(to retry: inout RetrySettings) {
        if let retries { retry.retries = retries }
        if let retryStatus { retry.statuses = Set(retryStatus) }
        if let maxRetryAfter { retry.maxRetryAfter = maxRetryAfter }
    }

    private func check() throws(UsageError) {
        if processor != nil, exec != nil { throw UsageError("--processor and --exec cannot both be given") }
        if !workerCommands.isEmpty, processor != nil || exec != nil {
            throw UsageError("--processor or --exec beside --worker: give it to the worker's own command")
        }
        if hosts != nil, !workerCommands.isEmpty {
            throw UsageError("--worker beside --hosts: leave out one of them")
        }
        if ssh != nil, hosts == nil { throw UsageError("--ssh needs --hosts, which names the machines") }
        if fetchers != nil, processor == nil, exec == nil {
            throw UsageError(
                "--fetchers needs --processor or --exec; without them, --workers is the number of fetch workers"
            )
        }
        try checkWorkerLimits()
        if recordChoice != nil, inputFormat != .records {
            throw UsageError("--only chooses records of an earlier run; give --input-format records with it")
        }
        if isSupervised, !urls.isEmpty || !inputs.isEmpty || output != nil {
            throw UsageError(
                "--supervised takes tasks from its coordinator; leave out URLs, --input and --output"
            )
        }
        if isSupervised, defaultScheme != nil {
            throw UsageError(
                "--default-scheme has no effect with --supervised; give it to the parent coordinator"
            )
        }
        if isSupervised { try fetch.checkSupervised() }
        try checkOutput()
        try checkReport()
        try checkParentOptions()
        try checkInputs()
        try checkFields()
        try checkHostRules()
        if logInterval != nil, isQuiet && progress == .auto || progress == .off {
            throw UsageError("--log-interval beside --quiet or --progress off: leave out one of them")
        }
        if isQuiet, isVerbose { throw UsageError("--quiet and --verbose cannot both be given") }
    }

    /// Refuses `--retry-failed`, `--resume` and `--fsync` if `--supervised` is given, or if records go to
    /// standard output.
    private func checkOutput() throws(UsageError) {
        let options = [
            ("--retry-failed", retriesFailures), ("--resume", isResumed), ("--fsync", syncsOutput),
        ]
        for (option, isSet) in options where isSet {
            if isSupervised {
                throw UsageError(
                    "\(option) has no effect with --supervised; give it to the parent coordinator"
                )
            }
            if output == nil || output == "-" {
                throw UsageError("\(option) needs --output FILE; what goes to stdout cannot be read again")
            }
        }
    }

    /// Refuses the options for the whole input, the records and the end of the run if `--supervised` is
    /// given.
    private func checkParentOptions() throws(UsageError) {
        let options = [
            ("--input-format", inputFormat != .auto), ("--url-column", urlColumn != nil),
            ("--id-column", idColumn != nil), ("--shard", shard != nil), ("--limit", inputLimit != nil),
            ("--dedupe", dedupes), ("--ordered", keepsOrder), ("--fields", recordFields != nil),
            ("--values", values != nil),
            ("--fail-on", failRule != nil), ("--max-failures", failureLimit != nil),
            ("--deadline", deadline != nil),
        ]
        for (option, isSet) in options where isSet && isSupervised {
            throw UsageError("\(option) has no effect with --supervised; give it to the parent coordinator")
        }
    }

    /// Refuses wrong arguments in the place of URLs, and options for inputs that the run does not have.
    ///
    /// An argument is wrong if it is the name of a file (`isFile`), or if `checkArgument` refuses it.
    private func checkInputs() throws(UsageError) {
        if let file = urls.first(where: Self.isFile) {
            throw UsageError("'\(file)' is a file; give it with --input, or write the URL with its scheme")
        }
        for (index, text) in urls.enumerated() { try Self.checkArgument(text, index + 1) }
        if inputFormat != .auto, inputs.isEmpty, !urls.isEmpty {
            throw UsageError("--input-format concerns no URL of the command line; give the file with --input")
        }
        let hasTable =
            inputs.contains { inputFormat.readsTable(in: $0) } || inputFormat == .csv || inputFormat == .tsv
        for (option, name) in [("--url-column", urlColumn), ("--id-column", idColumn)]
        where name != nil && !hasTable {
            throw UsageError(
                "\(option) names a column of a table, and no input is a table; give --input-format csv or tsv"
            )
        }
    }

    /// Refuses an argument that is empty, is a comment, or has several lines.
    ///
    /// In a task object, line feeds would break the lines of the worker protocol and of the output. The
    /// reader of URLs drops line feeds, as a browser does, so several URLs would become one URL.
    private static func checkArgument(_ text: String, _ number: Int) throws(UsageError) {
        let line = text.utf8.drop { $0 <= 0x20 }
        guard let first = line.first, first != UInt8(ascii: "#") else {
            throw UsageError("argument \(number) in the place of a URL is empty, or a comment")
        }
        let end = line.lastIndex { $0 > 0x20 } ?? line.startIndex
        guard !line[..<end].contains(0x0A) else {
            let advice = "give a list with --input, and write a task object on one line"
            throw UsageError("argument \(number) in the place of a URL holds several lines; \(advice)")
        }
    }

    /// Returns true if `text` has no supported scheme, and is the name of a regular file or a pipe.
    ///
    /// Folders do not count, because a folder can have the name of a host: programs that copy websites make
    /// such folders.
    private static func isFile(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        do throws(URLRefusal) {
            _ = try TargetURL(reading: bytes.span)
            return false
        } catch {
            guard error.errorClass == .scheme, let status = SystemPath.status(of: text) else { return false }
            return status.isRegularFile || status.isPipe
        }
    }

    /// Refuses `--fields` if only one of `--fields` and `--headers` asks for the member `headers`.
    private func checkFields() throws(UsageError) {
        guard let recordFields else { return }
        let hasHeaders = fetch.recordsHeaders
        if recordFields.contains("headers"), !hasHeaders {
            throw UsageError("the member 'headers' of --fields needs --headers")
        }
        if hasHeaders, !recordFields.contains("headers") {
            throw UsageError("--headers beside --fields: add headers to the list")
        }
    }

    /// Refuses `--report` with `--supervised`, or with a file that the page cannot or must not replace.
    private func checkReport() throws(UsageError) {
        guard let reportFile else { return }
        if isSupervised {
            throw UsageError("--report has no effect with --supervised; give it to the parent coordinator")
        }
        if reportFile == "-" { throw UsageError("--report needs a file; standard output has the records") }
        let written = [output, statsFile, metricsFile, fetch.cookieJar].compactMap { $0 }
        // These files might not exist yet, and `PageTarget.check` compares only files that exist.
        if written.contains(where: { SystemPath.areSame($0, reportFile) }) {
            throw UsageError("--report '\(reportFile)' is also the file of another option; name another file")
        }
        // The last two names cover `-`, and files that are standard input or output by redirection.
        let others = (inputs + written).filter { $0 != "-" } + ["/dev/stdin", "/dev/stdout"]
        try PageTarget.check(reportFile, "--report", others: others)
    }

    /// Refuses the options for hosts and retries if `--supervised` is given.
    ///
    /// A child coordinator (`--supervised`) sees only a part of a host's traffic, so only the parent
    /// coordinator applies the rules.
    private func checkHostRules() throws(UsageError) {
        let rules = [
            ("--per-host", perHost != nil), ("--rate", rate != nil), ("--retries", retries != nil),
            ("--retry-status", retryStatus != nil), ("--max-retry-after", maxRetryAfter != nil),
            ("--host-patience", hostPatience != nil),
        ]
        for (option, isSet) in rules where isSet && isSupervised {
            throw UsageError("\(option) has no effect with --supervised; give it to the parent coordinator")
        }
    }

    /// Refuses limits of workers, and options for bodies, if the run has no worker to which they apply.
    private func checkWorkerLimits() throws(UsageError) {
        let processes = processor != nil || exec != nil
        if crashDirectory != nil, !processes {
            throw UsageError("--crash-dir needs --processor or --exec; without them no bodies are kept")
        }
        for (option, isSet) in [("--spool", spoolDirectory != nil), ("--spool-limit", spoolLimit != nil)]
        where isSet && !processes {
            throw UsageError("\(option) needs --processor or --exec; without them no bodies wait")
        }
        if processes || !workerCommands.isEmpty { return }
        let limits = [
            ("--task-deadline", taskDeadline != nil), ("--worker-memory", workerMemory != nil),
            ("--max-tasks-per-worker", tasksPerWorker != nil),
        ]
        for (option, isSet) in limits where isSet {
            throw UsageError(
                "\(option) needs --processor, --exec or --worker; it does not limit bundled fetch workers"
            )
        }
    }
}
