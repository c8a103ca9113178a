// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchRun
import Foundation
import Frontier
import Glibc
import OptionTable
import Platform
import PoolWire

extension FetchOptions {
    /// The settings of the run that these options ask for.
    ///
    /// - Throws: `UsageError` for options that do not go together, or name what cannot be used.
    func settings(programFolder: String) throws(UsageError) -> RunSettings {
        try check()
        var settings = RunSettings()
        (settings.urls, settings.inputs, settings.output) = (urls, inputs, output)
        (settings.workers, settings.fetchers) = (workers, fetchers)
        settings.fetch = try fetchSettings()
        settings.processing = processor.map { .bundled($0.rawValue) } ?? exec.map { .command($0) }
        settings.workerCommands = workerCommands
        apply(to: &settings.retry)
        if let perHost { settings.perHost = perHost }
        settings.ratePerSecond = rate?.perSecond
        if let hostPatience { settings.hostPatience = hostPatience }
        if let taskDeadline { settings.taskDeadline = taskDeadline }
        if let startDeadline { settings.startDeadline = startDeadline }
        settings.crashRetries = crashRetries
        (settings.workerMemoryBytes, settings.tasksPerWorker) = (workerMemory?.bytes, tasksPerWorker)
        settings.crashDirectory = crashDirectory
        (settings.spoolDirectory, settings.spoolLimit) = (spoolDirectory, spoolLimit?.bytes)
        settings.progress = RunSettings.ProgressMode(rawValue: progress.rawValue) ?? .auto
        (settings.statsFile, settings.isQuiet, settings.isVerbose) = (statsFile, isQuiet, isVerbose)
        settings.programFolder = programFolder
        return settings
    }

    /// What to tell the user about the options, once; `nil` if nothing.
    var notice: String? {
        var fetch = FetchSettings()
        return try? fetch.set(proxy: proxy, privateAddresses: privateAddresses)
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
        if fetchers != nil, processor == nil, exec == nil {
            throw UsageError(
                "--fetchers needs --processor or --exec; without them --workers is how many fetch"
            )
        }
        try checkWorkerLimits()
        try checkUTF8()
        if isSupervised, !urls.isEmpty || !inputs.isEmpty || output != nil {
            throw UsageError(
                "--supervised takes tasks from its coordinator; leave out URLs, --input and --output"
            )
        }
        try checkHostRules()
        if isQuiet, isVerbose { throw UsageError("--quiet and --verbose cannot both be given") }
    }

    /// These travel to workers as JSON text, which holds nothing but UTF-8.
    private func checkUTF8() throws(UsageError) {
        let texts = headers.map { ("--header", $0) }
        let others = [
            ("--user-agent", userAgent), ("--proxy", proxy), ("--cacert", certificateFile),
            ("--spool", spoolDirectory),
        ]
        for (option, text) in texts + others.compactMap({ name, text in text.map { (name, $0) } })
        where text.hasSystemEscapes {
            throw UsageError("\(option): '\(text)' is not valid UTF-8, which workers need")
        }
    }

    /// A worker sees a part of a host's traffic, so all of these are kept by the coordinator above.
    private func checkHostRules() throws(UsageError) {
        let rules = [
            ("--per-host", perHost != nil), ("--rate", rate != nil), ("--retries", retries != nil),
            ("--retry-status", retryStatus != nil), ("--max-retry-after", maxRetryAfter != nil),
            ("--host-patience", hostPatience != nil),
        ]
        for (option, isSet) in rules where isSet && isSupervised {
            throw UsageError("\(option) beside --supervised: give it to the coordinator above")
        }
    }

    /// These bound what runs beside our own fetching; where nothing does, they would be accepted and ignored.
    private func checkWorkerLimits() throws(UsageError) {
        let processes = processor != nil || exec != nil
        if crashDirectory != nil, !processes {
            throw UsageError("--crash-dir needs --processor or --exec; without them no bodies are kept")
        }
        if processes || !workerCommands.isEmpty { return }
        let limits = [
            ("--task-deadline", taskDeadline != nil), ("--worker-memory", workerMemory != nil),
            ("--max-tasks-per-worker", tasksPerWorker != nil),
        ]
        for (option, isSet) in limits where isSet {
            throw UsageError(
                "\(option) needs --processor, --exec or --worker; it bounds no bundled fetch worker"
            )
        }
    }

    private func fetchSettings() throws(UsageError) -> FetchSettings {
        var fetch = FetchSettings()
        (fetch.concurrency, fetch.connectTimeout) = (concurrency, connectTimeout)
        fetch.nameLifetime = dnsCache
        if let timeout { (fetch.timeout, fetch.endsSlowAnswers) = (timeout, false) }
        (fetch.maxBodyBytes, fetch.maxRedirects) = (maxBody.bytes, maxRedirects)
        (fetch.userAgent, fetch.isInsecure, fetch.isHTTP1Only) = (userAgent, isInsecure, isHTTP1Only)
        for text in headers { fetch.headers.append(try Self.field(text)) }
        if let userAgent, HeaderField(name: "User-Agent", value: userAgent).refusal != nil {
            throw UsageError("--user-agent: it holds a line break or another control character")
        }
        do throws(ProxyURL.Refusal) {
            _ = try fetch.set(proxy: proxy, privateAddresses: privateAddresses)
        } catch {
            throw UsageError(error.description)
        }
        if let file = certificateFile {
            // A folder can be read in a way, but holds no certificates; a pipe can be read once.
            var status = stat()
            guard unsafe stat(file, &status) == 0, unsafe access(file, R_OK) == 0,
                status.st_mode & S_IFMT != S_IFDIR
            else {
                throw UsageError("--cacert: the file '\(file)' cannot be read")
            }
            guard status.st_mode & S_IFMT != S_IFIFO else {
                throw UsageError("--cacert: '\(file)' is no regular file")
            }
            guard Self.holdsCertificate(file) else {
                throw UsageError(
                    "--cacert: the file '\(file)' holds no certificate; name a file with certificates in PEM form"
                )
            }
            fetch.certificateFile = URL(fileURLWithPath: file).path
        }
        return fetch
    }

    private static func holdsCertificate(_ file: String) -> Bool {
        let handle = FileHandle(forReadingAtPath: file)
        let text = try? handle?.read(upToCount: CertificateText.maxBytes)
        return CertificateText.holdsCertificate(Array(text ?? Data()))
    }

    private static func field(_ text: String) throws(UsageError) -> HeaderField {
        guard let colon = text.firstIndex(of: ":") else {
            throw UsageError("--header: expected 'Name: value', got '\(text)'")
        }
        let value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        let field = HeaderField(name: String(text[..<colon]), value: value)
        if let refusal = field.refusal { throw UsageError("--header: \(refusal)") }
        return field
    }
}
