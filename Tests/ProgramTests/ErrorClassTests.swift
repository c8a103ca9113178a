// SPDX-License-Identifier: MIT
// fetchpool

import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the records of failures: the outcome, the error class, and the member `retryable`.
///
/// `TLSTests` tests the failures of TLS, `InvalidLineTests` tests the failures of input lines, and
/// `SignalTests` tests the outcome `cancelled`.
@Suite(.ownThread)
struct ErrorClassTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    /// Paths of the fixture server, and the failure that is expected for each path.
    ///
    /// The failures are expected with the limits of `eachBadResponseHasItsClass`.
    private static let failures: [(path: String, failure: Failure)] = [
        ("/status/404", Failure("http_error", "http_status", isRetryable: false)),
        ("/status/400", Failure("http_error", "http_status", isRetryable: false)),
        ("/status/500", Failure("http_error", "http_status", isRetryable: true)),
        ("/status/503", Failure("http_error", "http_status", isRetryable: true)),
        ("/status/429", Failure("http_error", "rate_limited", isRetryable: true)),
        ("/hang", Failure("fetch_error", "timeout_total", isRetryable: true)),
        ("/slow-headers", Failure("fetch_error", "timeout_total", isRetryable: true)),
        ("/drip/100", Failure("fetch_error", "timeout_total", isRetryable: true)),
        ("/length-lies/larger-silent", Failure("fetch_error", "timeout_total", isRetryable: true)),
        ("/reset", Failure("fetch_error", "reset", isRetryable: true)),
        ("/empty", Failure("fetch_error", "reset", isRetryable: true)),
        ("/truncate", Failure("fetch_error", "reset", isRetryable: true)),
        ("/length-lies/larger", Failure("fetch_error", "reset", isRetryable: true)),
        ("/chunked-bad/cut", Failure("fetch_error", "reset", isRetryable: true)),
        ("/chunked-bad/unended", Failure("fetch_error", "reset", isRetryable: true)),
        ("/garbage", Failure("fetch_error", "protocol", isRetryable: false)),
        ("/chunked-bad/size", Failure("fetch_error", "protocol", isRetryable: false)),
        ("/chunked-bad/huge", Failure("fetch_error", "protocol", isRetryable: false)),
        ("/chunked-bad/long", Failure("fetch_error", "protocol", isRetryable: false)),
        ("/length-lies/two", Failure("fetch_error", "protocol", isRetryable: false)),
        ("/length-lies/negative", Failure("fetch_error", "protocol", isRetryable: false)),
        ("/headers/10000", Failure("fetch_error", "protocol", isRetryable: false)),
        ("/headers/1/300000", Failure("fetch_error", "protocol", isRetryable: false)),
        ("/headers/endless-line", Failure("fetch_error", "protocol", isRetryable: false)),
        ("/headers/endless", Failure("fetch_error", "protocol", isRetryable: false)),
        ("/endless", Failure("fetch_error", "too_large", isRetryable: false)),
        ("/bytes/2000000", Failure("fetch_error", "too_large", isRetryable: false)),
        ("/bomb/10240", Failure("fetch_error", "too_large", isRetryable: false)),
        ("/gzip/plain", Failure("fetch_error", "decompress", isRetryable: false)),
        ("/gzip/damaged", Failure("fetch_error", "decompress", isRetryable: false)),
        ("/gzip/cut", Failure("fetch_error", "decompress", isRetryable: false)),
        ("/redirect/loop", Failure("fetch_error", "redirects", isRetryable: false)),
        ("/redirect/11", Failure("fetch_error", "redirects", isRetryable: false)),
        ("/redirect-to?url=http%3A%2F%2F%2F", Failure("fetch_error", "redirects", isRetryable: false)),
        ("/redirect-to?url=ftp://127.0.0.1/", Failure("blocked", "scheme", isRetryable: false)),
        ("/redirect-to?url=file:///etc/passwd", Failure("blocked", "scheme", isRetryable: false)),
    ]

    @Test func eachBadResponseHasItsClass() throws {
        let input = Self.failures.map { server.base + $0.path }.joined(separator: "\n")
        // Each URL is tried once. There is no limit for the requests in flight to the server.
        let once = ["--retries", "0", "--per-host", "0"]
        let arguments = ["-q", "--timeout", "6s", "--max-body", "1MiB"] + once
        let finished = try RunningProgram.run("fetchpool", arguments, input: input)
        #expect(finished.end == .status(1))
        let records = try finished.records.sorted { (Int($0.id) ?? 0) < (Int($1.id) ?? 0) }
        try #require(records.sortedIDs == Array(1...Self.failures.count), "\(finished.errors)")
        for (record, (path, failure)) in zip(records, Self.failures) {
            #expect(record.failure == failure, "\(path): \(record.errorMessage)")
            #expect(record.timing["total_ms"] as? Double ?? 99_999 < 20_000, "\(path)")
        }
    }

    /// The test takes about 10 s, because fetchpool gives a response up only after it was slow for 10 s.
    @Test(.ownThread(isFirst: true)) func slowResponseIsGivenUp() throws {
        let record = try #require(
            RunningProgram.run("fetchpool", ["-q", "--retries", "0", server.base + "/drip/1000"]).records
                .first
        )
        #expect(record.failure == Failure("fetch_error", "low_speed", isRetryable: true))
    }

    @Test(arguments: [
        "/status/204", "/status/304", "/redirect-to?url=/get&status=300", "/length-lies/smaller",
        "/gzip/unknown",
    ])
    func unusualButCompleteResponsesSucceed(path: String) throws {
        let arguments = ["-q", "--max-redirects", "0", server.base + path]
        let record = try #require(RunningProgram.run("fetchpool", arguments).records.first)
        #expect(record.outcome == "ok" && record.failure == nil)
    }

    @Test func closedPortIsAConnectError() throws {
        let port = try LoopbackPort()
        let url = "http://127.0.0.1:\(port.number)/"
        let record = try #require(
            RunningProgram.run("fetchpool", ["-q", "--retries", "0", url]).records.first
        )
        #expect(record.failure == Failure("fetch_error", "connect", isRetryable: true))
    }

    @Test(arguments: ["http", "https"])
    func unreachableHostIsAConnectTimeout(scheme: String) throws {
        let port = try LoopbackPort.unreachable()
        let arguments = [
            "-q", "--retries", "0", "--connect-timeout", "300ms", "\(scheme)://127.0.0.1:\(port.number)/",
        ]
        let record = try #require(RunningProgram.run("fetchpool", arguments).records.first)
        #expect(record.failure == Failure("fetch_error", "timeout_connect", isRetryable: true))
    }

    /// The test has its own network, so that no name server is asked.
    @Test(.enabled(if: NetworkNamespace.refusal == nil, "\(NetworkNamespace.refusal ?? "")"))
    func unknownNameIsADNSError() throws {
        let network = try NetworkNamespace()
        let record = try #require(
            network.run("fetchpool", ["-q", "--retries", "0", "http://nobody.invalid/"]).records.first
        )
        #expect(record.failure == Failure("fetch_error", "dns", isRetryable: true))
    }

    /// libcurl 7.88 reports the same error for an unknown name of a SOCKS proxy as for an unknown host of a
    /// URL.
    @Test(
        .enabled(if: NetworkNamespace.refusal == nil, "\(NetworkNamespace.refusal ?? "")"),
        arguments: ["http", "socks5", "socks5h"]
    )
    func theMessageSaysThatTheNameOfTheProxyIsUnknown(scheme: String) throws {
        let proxy = "\(scheme)://proxy.invalid:1"
        let arguments = ["-q", "--retries", "0", "--proxy", proxy, "http://127.0.0.1/"]
        let record = try #require(try NetworkNamespace().run("fetchpool", arguments).records.first)
        #expect(record.failure == Failure("fetch_error", "dns", isRetryable: true))
        let message = "the proxy could not be reached, because its name was not found: "
        #expect(record.errorMessage.hasPrefix(message), "\(record.errorMessage)")
    }

    /// The arguments are a shell command that breaks the worker protocol or crashes, and two failures.
    ///
    /// The first failure is expected if the command runs in the fetch worker. The second failure is expected
    /// if the command runs in the processing worker.
    @Test(arguments: [
        (
            "while :; do echo nonsense; done",
            Failure("fetch_error", "worker_protocol", isRetryable: false),
            Failure("process_error", "worker_protocol", isRetryable: false)
        ),
        (
            "kill -SEGV $$", Failure("worker_crash", "crash", isRetryable: false),
            Failure("worker_crash", "crash", isRetryable: false)
        ),
    ])
    func eachMisdeedOfAWorkerHasItsClass(misdeed: String, fetch: Failure, process: Failure) throws {
        let folder = TestFolder()
        let hello = #"echo '{"t":"hello","v":1}'; read -r init; read -r task"#
        let command = "sh '\(try folder.write("\(hello)\n\(misdeed)\n", to: "worker.sh"))'"
        for (option, failure) in [("--worker", fetch), ("-x", process)] {
            let finished = try RunningProgram.run("fetchpool", ["-q", option, command, server.base + "/get"])
            #expect(try finished.records.first?.failure == failure, "\(option): \(finished.errors)")
        }
    }

    @Test func eachMisdeedOfAProcessorHasItsClass() throws {
        let failures = [
            ("crash", Failure("worker_crash", "crash", isRetryable: false)),
            ("exit:0", Failure("worker_crash", "crash", isRetryable: false)),
            ("take:400:10", Failure("worker_crash", "oom", isRetryable: false)),
            ("grab:400", Failure("worker_crash", "oom", isRetryable: false)),
            ("hang", Failure("timeout", "deadline", isRetryable: false)),
            ("spin", Failure("timeout", "deadline", isRetryable: false)),
            ("error", Failure("process_error", "processor", isRetryable: false)),
        ]
        let command = "\(BuiltPrograms.path("fixture-processor")) --supervised"
        let limits = ["--task-deadline", "5s", "--worker-memory", "200MiB"]
        let input = failures.map { "\(server.base)/task/\($0.0)" }.joined(separator: "\n")
        let finished = try RunningProgram.run("fetchpool", ["-q", "-x", command] + limits, input: input)
        let records = try finished.records.sorted { $0.id < $1.id }
        try #require(records.count == failures.count, "\(finished.errors)")
        for (record, (wish, failure)) in zip(records, failures) {
            #expect(record.failure == failure, "\(wish): \(record.errorMessage)")
        }
    }
}
