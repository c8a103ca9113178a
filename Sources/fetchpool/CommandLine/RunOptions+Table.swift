// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import FetchOptionTable
import FetchRun
import Frontier
import OptionTable

extension RunOptions {
    /// The command line, with one row for each option.
    static let table = OptionTable<RunOptions>(
        "fetchpool",
        version: ProductVersion.text,
        summary:
            "Fetches URLs with worker processes and runs heavy or crashy code on each response in others.",
        sections: inputRows,
        workRows,
        hostRows,
        fetchRows,
        endRows,
        reportRows
    )

    private static let defaults = RunSettings()

    private static let inputRows = OptionSection<RunOptions>(
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
            help:
                "lines: URLs, task objects, blank, # comments; gzip and zstd are unpacked; repeatable; - is stdin"
        ),
        .value(
            "--input-format",
            as: "auto|lines|csv|tsv|records",
            sets: \.inputFormat,
            shownDefault: defaults.inputFormat.rawValue,
            help:
                "lines, a table with a header, or records of earlier runs; auto reads files called *.csv and *.tsv as tables, and the others as lines"
        ),
        .value(
            "--only",
            as: "LIST",
            sets: \.recordChoice,
            accepting: RecordChoice.form,
            shownDefault: "all",
            help:
                "with --input-format records, the outcomes that are taken, such as failed, ok or timeout,blocked; the last record of each task counts"
        ),
        .value(
            "--url-column",
            as: "NAME",
            sets: \.urlColumn,
            shownDefault: defaults.columns.url,
            help: "the column of a table that has the URLs; the other columns come back in meta"
        ),
        .value(
            "--id-column",
            as: "NAME",
            sets: \.idColumn,
            shownDefault: "the line number",
            help: "the column of a table that has the ids of the records"
        ),
        DefaultScheme.row(sets: \.defaultScheme),
        .value(
            "--limit",
            as: "N",
            sets: \.inputLimit,
            accepting: .within(1...1_000_000_000_000),
            shownDefault: "none",
            help: "stop reading after N tasks; tasks that are passed over do not count"
        ),
        .value(
            "--shard",
            as: "I/N",
            sets: \.shard,
            accepting: Shard.form,
            shownDefault: "1/1",
            help:
                "do the I-th of N parts of the input, by host; auto/N takes I from a job array of Slurm or Kubernetes"
        ),
        .flag(
            "--dedupe",
            sets: \.dedupes,
            help: "fetch each URL once; the record of a repeated task is skipped, and names the first one"
        ),
        .value(
            "-o",
            "--output",
            as: "FILE",
            sets: \.output,
            shownDefault: "stdout",
            help: "records; an existing file is appended to in whole lines, never cut; - is stdout"
        ),
        .flag(
            "--ordered",
            sets: \.keepsOrder,
            help: "write records in the order of the input; the run waits for a slow task"
        ),
        .value(
            "--fields",
            as: "LIST",
            sets: \.recordFields,
            accepting: RecordFields.form,
            shownDefault: "all",
            help: "the members of a record that are written; v, id, url, method and outcome always are"
        ),
        .flag(
            "--resume",
            sets: \.isResumed,
            help: "go on where the records of --output end: tasks with a record are passed over"
        ),
        .flag(
            "--retry-failed",
            sets: \.retriesFailures,
            help:
                "as --resume, and try again what is neither ok, skipped nor invalid; the newer record counts"
        ),
        .flag(
            "--fsync",
            sets: \.syncsOutput,
            help: "write the records of --output through to the disk, for a loss of power"
        ),
        .value(
            "--values",
            as: "json|text",
            sets: \.values,
            shownDefault: "json",
            help:
                "id, result and meta as JSON, or as strings with the JSON, for readers that want one type for each"
        )
    )

    private static let workRows = OptionSection<RunOptions>(
        "Workers",
        .value(
            "-w",
            "--workers",
            as: "N",
            sets: \.workers,
            accepting: .within(1...1_024),
            shownDefault: "usable cores",
            help:
                "worker processes; with -p or -x they process responses, else they fetch"
        ),
        .value(
            "--fetchers",
            as: "N",
            sets: \.fetchers,
            accepting: .within(1...1_024),
            shownDefault: "a quarter of the cores",
            help: "fetch worker processes beside the processing ones"
        ),
        FetchOptions.concurrencyRow.inside(\.fetch),
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
            help: "the workers that get the URLs; repeatable: the commands share the number of workers"
        ),
        .value(
            "--hosts",
            as: "FILE",
            sets: \.hosts,
            accepting: RemoteHosts.form,
            shownDefault: "none",
            help: "work on other machines by ssh: lines N HOST, N workers on each"
        ),
        .value(
            "--ssh",
            as: "COMMAND",
            sets: \.ssh,
            accepting: .command,
            shownDefault: "ssh",
            help:
                "what connects to the machines of --hosts; it gets the machine and one word, the command there"
        ),
        .value(
            "--task-deadline",
            as: "DURATION",
            sets: \.taskDeadline,
            accepting: .aboveZero,
            shownDefault: defaults.taskDeadline.optionText,
            help:
                "how long a worker may process one response, or work on one task of a sequential --worker; after that it is killed"
        ),
        .value(
            "--start-deadline",
            as: "DURATION",
            sets: \.startDeadline,
            accepting: .aboveZero,
            shownDefault: defaults.startDeadline.optionText,
            help:
                "how long a worker may take from its start to its first line; the deadline of its first task begins only after that"
        ),
        .value(
            "--crash-retries",
            as: "N",
            sets: \.crashRetries,
            accepting: .within(0...100),
            shownDefault: "\(defaults.crashRetries)",
            help: "how often a response is processed again after its worker died, each time by a new worker"
        ),
        .value(
            "--worker-memory",
            as: "SIZE",
            sets: \.workerMemory,
            shownDefault: "none",
            help: "the memory that a worker of --processor, --exec or --worker may use"
        ),
        .value(
            "--max-tasks-per-worker",
            as: "N",
            sets: \.tasksPerWorker,
            accepting: .within(1...1_000_000_000),
            shownDefault: "none",
            help: "replace such a worker after N tasks"
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
            accepting: .workerText,
            shownDefault: "tmpfs, else $TMPDIR",
            help: "where bodies wait for processing"
        ),
        .value(
            "--spool-limit",
            as: "SIZE",
            sets: \.spoolLimit,
            shownDefault: "256MiB, or if less: half of what is free, in tmpfs a quarter of the memory limit",
            help: "how many bytes of responses and their tasks may wait there and in memory"
        )
    )

    private static let fetchRows = OptionSection<RunOptions>(
        "Fetching",
        rows: FetchOptions.rows.map { $0.inside(\.fetch) }
    )

    private static let hostRows = OptionSection<RunOptions>(
        "Hosts and retries",
        .value(
            "--per-host",
            as: "N",
            sets: \.perHost,
            accepting: .within(0...10_000),
            shownDefault: "\(defaults.perHost)",
            help: "fetches in flight per host over all workers; 0 = no limit"
        ),
        .value("--rate", as: "N/s", sets: \.rate, shownDefault: "none", help: "requests per second per host"),
        .value(
            "--retries",
            as: "N",
            sets: \.retries,
            accepting: .within(0...100),
            shownDefault: "\(defaults.retry.retries)",
            help: "further fetches after a retryable failure; the death of a fetch worker uses none of them"
        ),
        .value(
            "--retry-status",
            as: "LIST",
            sets: \.retryStatus,
            accepting: .list(of: .within(400...599)),
            shownDefault: defaults.retry.statuses.sorted().map(String.init).joined(separator: ","),
            help: "statuses to try again"
        ),
        .value(
            "--max-retry-after",
            as: "DURATION",
            sets: \.maxRetryAfter,
            shownDefault: defaults.retry.maxRetryAfter.optionText,
            help: "a longer Retry-After fails the task now"
        ),
        .value(
            "--host-patience",
            as: "DURATION",
            sets: \.hostPatience,
            shownDefault: defaults.hostPatience.optionText,
            help: "the longest total wait for a host that gives no response; then its waiting tasks fail"
        )
    )

    private static let endRows = OptionSection<RunOptions>(
        "End of the run",
        .value(
            "--fail-on",
            as: "any|errors|crashes|none|N%",
            sets: \.failRule,
            shownDefault: "any",
            help:
                "which records are failures, and make the exit status 1: any = all but ok and skipped; errors = all but ok, skipped and http_error; crashes = worker_crash; N% = as any, if they are more than N% of the records"
        ),
        .value(
            "--max-failures",
            as: "N|N%",
            sets: \.failureLimit,
            shownDefault: "none",
            help:
                "end the run early, with exit status 5, after more failures than this, counted as --fail-on says (with none: as any); N% is compared from 100 records on"
        ),
        .value(
            "--deadline",
            as: "DURATION",
            sets: \.deadline,
            accepting: .aboveZero,
            shownDefault: "none",
            help: "end the run early, with exit status 6, after this time, as after a signal"
        )
    )

    private static let reportRows = OptionSection<RunOptions>(
        "What is said",
        .value(
            "--progress",
            as: "auto|on|off",
            sets: \.progress,
            shownDefault: defaults.progress.rawValue,
            help: "the progress, drawn in place on a terminal; SIGUSR1 shows it once, with all workers"
        ),
        .value(
            "--log-interval",
            as: "DURATION",
            sets: \.logInterval,
            accepting: .aboveZero,
            shownDefault: defaults.logInterval.optionText,
            help: "the time between lines about the progress, if standard error is not a terminal"
        ),
        .value(
            "--log-format",
            as: "text|json",
            sets: \.logFormat,
            shownDefault: defaults.logFormat.rawValue,
            help: "the lines on standard error: text, or one JSON object each"
        ),
        .value(
            "--stats",
            as: "FILE",
            sets: \.statsFile,
            shownDefault: "none",
            help: "the run's statistics as JSON, replaced each 30 s and at the end"
        ),
        .value(
            "--metrics",
            as: "FILE",
            sets: \.metricsFile,
            shownDefault: "none",
            help: "the same as metrics of Prometheus, replaced each 5 s and at the end"
        ),
        .value(
            "--report",
            as: "FILE",
            sets: \.reportFile,
            shownDefault: "none",
            help: "one HTML page about the run, at its end; 'fetchpool report' makes it from records"
        ),
        .flag("-q", "--quiet", sets: \.isQuiet, help: "say nothing but errors"),
        .flag(
            "-v",
            "--verbose",
            sets: \.isVerbose,
            help: "show what workers do and say, and a line for each of them with the progress"
        )
    )
}
