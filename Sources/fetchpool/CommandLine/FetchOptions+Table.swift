// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import OptionTable

extension FetchOptions {
    /// The command line, one row an option; help and errors derive from it.
    static let table = OptionTable<FetchOptions>(
        "fetchpool",
        version: ProductVersion.text,
        summary:
            "Fetches URLs with worker processes and runs heavy or crashy code on each response in others.",
        sections: inputRows,
        workRows,
        hostRows,
        fetchRows,
        reportRows
    )

    private static let inputRows = OptionSection<FetchOptions>(
        "Input and output",
        .operands(
            as: "URL",
            appendTo: \.urls,
            help: "fetch this; without URLs and --input, standard input is read"
        ),
        .repeatable(
            "-i",
            "--input",
            as: "FILE",
            appendTo: \.inputs,
            shownDefault: "stdin",
            help: "lines: URLs, task objects, blank, # comments; repeatable; - is stdin"
        ),
        .value(
            "-o",
            "--output",
            as: "FILE",
            sets: \.output,
            shownDefault: "stdout",
            help: "records; an existing file is appended to in whole lines, never cut; - is stdout"
        )
    )

    private static let workRows = OptionSection<FetchOptions>(
        "Workers",
        .value(
            "-w",
            "--workers",
            as: "N",
            sets: \.workers,
            accepting: .within(1...1_024),
            shownDefault: "usable cores",
            help:
                "worker processes that do the work: they process when there is a processor, and fetch when there is none"
        ),
        .value(
            "--fetchers",
            as: "N",
            sets: \.fetchers,
            accepting: .within(1...1_024),
            shownDefault: "a quarter of the cores",
            help: "fetch worker processes beside the processing ones"
        ),
        .value(
            "-c",
            "--concurrency",
            as: "N",
            sets: \.concurrency,
            accepting: .within(1...10_000),
            shownDefault: "32",
            help: "fetches in flight per fetch worker"
        ),
        .value(
            "-p",
            "--processor",
            as: "NAME",
            sets: \.processor,
            shownDefault: "none",
            help: "what to do with each response: links, text or json"
        ),
        .value(
            "-x",
            "--exec",
            as: "COMMAND",
            sets: \.exec,
            accepting: .command,
            shownDefault: "none",
            help: "your own processing worker, in any language; split as a shell splits words"
        ),
        .flag(
            "--supervised",
            sets: \.isSupervised,
            help: "be a worker of another coordinator: speak the worker protocol on stdin and stdout"
        ),
        .repeatable(
            "--worker",
            as: "COMMAND",
            appendTo: \.workerCommands,
            accepting: .command,
            shownDefault: "the bundled fetch worker",
            help: "what gets the URLs, in its place; repeatable: workers are dealt over the commands"
        ),
        .value(
            "--task-deadline",
            as: "DURATION",
            sets: \.taskDeadline,
            accepting: .aboveZero,
            shownDefault: "60s",
            help: "processing one response, or one task of a sequential --worker; then the worker is killed"
        ),
        .value(
            "--start-deadline",
            as: "DURATION",
            sets: \.startDeadline,
            accepting: .aboveZero,
            shownDefault: "60s",
            help: "a worker's start until its first line; the time of its first task begins after it"
        ),
        .value(
            "--crash-retries",
            as: "N",
            sets: \.crashRetries,
            accepting: .within(0...100),
            shownDefault: "1",
            help: "further tries of processing after the worker died of it, on a fresh one each"
        ),
        .value(
            "--worker-memory",
            as: "SIZE",
            sets: \.workerMemory,
            shownDefault: "none",
            help: "memory of one processing worker"
        ),
        .value(
            "--max-tasks-per-worker",
            as: "N",
            sets: \.tasksPerWorker,
            accepting: .within(1...1_000_000_000),
            shownDefault: "none",
            help: "replace a processing worker after so many"
        ),
        .value(
            "--crash-dir",
            as: "DIR",
            sets: \.crashDirectory,
            shownDefault: "none",
            help: "where bodies of crashing tasks are kept"
        ),
        .value(
            "--spool",
            as: "DIR",
            sets: \.spoolDirectory,
            shownDefault: "tmpfs, else $TMPDIR",
            help: "where bodies wait for processing"
        ),
        .value(
            "--spool-limit",
            as: "SIZE",
            sets: \.spoolLimit,
            shownDefault: "256MiB, or half of what is free there",
            help: "how much may wait there and in memory"
        )
    )

    private static let fetchRows = OptionSection<FetchOptions>(
        "Fetching",
        .value(
            "--timeout",
            as: "DURATION",
            sets: \.timeout,
            accepting: .aboveZero,
            shownDefault: "30s",
            help: "one fetch, in all"
        ),
        .value(
            "--connect-timeout",
            as: "DURATION",
            sets: \.connectTimeout,
            accepting: .aboveZero,
            shownDefault: "10s",
            help: "until a connection is ready, TLS included"
        ),
        .value(
            "--dns-cache",
            as: "DURATION",
            sets: \.dnsCache,
            accepting: .orZero,
            shownDefault: "60s",
            help:
                "how long the addresses of a host are used before its name is looked up again; 0 = each time"
        ),
        .value(
            "--max-body",
            as: "SIZE",
            sets: \.maxBody,
            shownDefault: "32MiB",
            help: "decoded bytes; more is too_large"
        ),
        .value(
            "--max-redirects",
            as: "N",
            sets: \.maxRedirects,
            accepting: .within(0...100),
            shownDefault: "10",
            help: "0 = do not follow"
        ),
        .value(
            "--private-addresses",
            as: "allow|no-redirect|deny",
            sets: \.privateAddresses,
            shownDefault: "no-redirect; allow with --proxy",
            help:
                "whether addresses of this machine and of private networks are fetched; no-redirect: not where a redirect leads to one from a public address"
        ),
        .repeatable(
            "--header",
            as: "'K: V'",
            appendTo: \.headers,
            help: "send this field with every request; repeatable"
        ),
        .value(
            "--user-agent",
            as: "TEXT",
            sets: \.userAgent,
            shownDefault: "fetchpool/\(ProductVersion.text)",
            help: "who we say we are"
        ),
        .value(
            "--proxy",
            as: "URL",
            sets: \.proxy,
            accepting: .proxy,
            shownDefault: "none",
            help:
                "an HTTP proxy for all requests, such as http://localhost:3128; variables such as http_proxy are not read"
        ),
        .value(
            "--cacert",
            as: "FILE",
            sets: \.certificateFile,
            shownDefault: "the system's",
            help: "certificates to trust in place of the system's"
        ),
        .flag("--insecure", sets: \.isInsecure, help: "take any certificate; records of https say so"),
        .flag("--http1.1", sets: \.isHTTP1Only, help: "speak no HTTP/2")
    )

    private static let hostRows = OptionSection<FetchOptions>(
        "Hosts and retries",
        .value(
            "--per-host",
            as: "N",
            sets: \.perHost,
            accepting: .within(0...10_000),
            shownDefault: "8",
            help: "fetches in flight per host over all workers; 0 = no limit"
        ),
        .value("--rate", as: "N/s", sets: \.rate, shownDefault: "none", help: "requests per second per host"),
        .value(
            "--retries",
            as: "N",
            sets: \.retries,
            accepting: .within(0...100),
            shownDefault: "2",
            help: "further fetches after a retryable failure; the death of a fetch worker uses none of them"
        ),
        .value(
            "--retry-status",
            as: "LIST",
            sets: \.retryStatus,
            accepting: .list(of: .within(400...599)),
            shownDefault: "408,425,429,500,502,503,504,522,524",
            help: "statuses to try again"
        ),
        .value(
            "--max-retry-after",
            as: "DURATION",
            sets: \.maxRetryAfter,
            shownDefault: "5m",
            help: "a longer Retry-After fails the item now"
        ),
        .value(
            "--host-patience",
            as: "DURATION",
            sets: \.hostPatience,
            shownDefault: "60s",
            help: "all waiting, in sum, for a host that gives no answer; then what waits for it fails"
        )
    )

    private static let reportRows = OptionSection<FetchOptions>(
        "What is said",
        .value(
            "--progress",
            as: "auto|on|off",
            sets: \.progress,
            shownDefault: "auto",
            help: "a line that rewrites itself, on a terminal"
        ),
        .value(
            "--stats",
            as: "FILE",
            sets: \.statsFile,
            shownDefault: "none",
            help: "the run's summary as JSON"
        ),
        .flag("-q", "--quiet", sets: \.isQuiet, help: "say nothing but errors"),
        .flag("-v", "--verbose", sets: \.isVerbose, help: "show what workers do and say")
    )
}
