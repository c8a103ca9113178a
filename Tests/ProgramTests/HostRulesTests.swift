// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import TestPrograms
import TestThreads
import Testing

/// Tests of the limits and retries of requests to a host.
///
/// Most of the tests check the requests that the fixture server received.
@Suite(.ownThread)
struct HostRulesTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    /// The time after a refusal (status 429) in which further requests may still arrive, in milliseconds.
    ///
    /// The coordinator gave these requests to a worker before it knew of the refusal.
    private static let onTheWay = 700.0

    /// To save time, the run with one worker and the run with eight workers overlap.
    ///
    /// Each run takes half a minute.
    @Test(.ownThread(isFirst: true)) func aStormOfRefusalsLosesNoTask() throws {
        let servers = try [server, FixtureServer()]
        let runs = try zip(servers, ["1", "8"]).map { server, workers in
            let running = try RunningProgram("fetchpool", ["-q", "-w", workers, "--retries", "10"])
            try running.send((1...60).map { "\(server.base)/storm/3/1?\($0)" }.joined(separator: "\n"))
            running.endInput()
            return running
        }
        for (server, running) in zip(servers, runs) {
            let run = try running.finish(within: .seconds(100))
            #expect(run.end == .status(0))
            try expectNoneWasEarly(run.records, server.log())
        }
    }

    private func expectNoneWasEarly(_ records: [Record], _ log: [LoggedRequest]) throws {
        let bad = records.filter { $0.outcome != "ok" }
        #expect(records.outcomes == ["ok": 60], "\(bad)")
        for record in records {
            #expect(record.attempt == record.attempts.count + 1)
            // The server asked for a wait of one second. The recorded wait can be longer: the run adds at
            // most half a second, and the task may also have to wait for its host.
            for earlier in record.attempts {
                #expect(earlier.errorClass == "rate_limited")
                #expect(earlier.wait ?? 0 >= 1_000)
            }
        }
        #expect(log.count == 60 + records.reduce(0) { $0 + $1.attempts.count })
        #expect(log.allSatisfy { $0.inFlight <= 8 })
        for refused in log where refused.status == 429 {
            let from = try #require(refused.answeredMS)
            let early = log.filter { $0.arrivedMS > from + Self.onTheWay && $0.arrivedMS < from + 1_000 }
            #expect(early.isEmpty)
        }
        // No URL is requested again within one second of its refusal.
        for (target, requests) in Dictionary(grouping: log, by: \.target) {
            for (refused, next) in zip(requests, requests.dropFirst()) {
                #expect(next.arrivedMS - (refused.answeredMS ?? .infinity) >= 1_000, "\(target)")
            }
        }
    }

    // With `--per-host 0`, all 40 requests must be in flight at once. In this case, each request lasts for
    // 3 s, so that the second worker can start during the first requests, even on a busy machine.
    @Test(arguments: [(["--per-host", "3"], 3, 50), ([], 8, 50), (["--per-host", "0"], 40, 3_000)])
    func requestsInFlightStayWithinTheLimit(arguments: [String], most: Int, milliseconds: Int) throws {
        let input = (1...40).map { "\(server.base)/delay/\(milliseconds)?\($0)\n" }.joined()
        let run = try RunningProgram.run(
            "fetchpool",
            ["-q", "-w", "2", "-c", "20"] + arguments,
            input: input
        )
        #expect(try run.records.outcomes == ["ok": 40])
        let log = try server.log()
        #expect(log.map(\.inFlight).max() == most)
        // With a limit, the number of requests in flight to a new host begins low and rises (slow start).
        if most == 3 { #expect(log.prefix(3).map(\.inFlight).max() ?? 9 <= 2) }
    }

    @Test func aRateSpacesRequests() throws {
        let input = (1...8).map { "\(server.base)/get?\($0)\n" }.joined()
        let begun = LoggedRequest.now()
        let run = try RunningProgram.run("fetchpool", ["-q", "--rate", "8/s"], input: input)
        #expect(try run.records.outcomes == ["ok": 8])
        // At 8/s, the last of eight requests comes at least 7/8 s after the first request, which comes after
        // `begun`.
        let last = try #require(try server.log().last)
        #expect(last.arrivedMS - begun >= 875)
    }

    @Test(arguments: ["/retry-after/1/1", "/retry-at/2/1"])
    func retryAfterIsWaitedFor(path: String) throws {
        let run = try RunningProgram.run("fetchpool", ["-q", server.base + path])
        let record = try #require(try run.records.first)
        #expect(record.outcome == "ok")
        #expect(record.attempt == 2)
        let log = try server.log()
        try #require(log.count == 2)
        // A date has whole seconds, so a date two seconds ahead may be little more than one second away.
        #expect(log[1].arrivedMS - (log[0].answeredMS ?? 0) >= 1_000)
        #expect(log[1].arrivedMS - (log[0].answeredMS ?? 0) < 10_000)
    }

    @Test func aRetryAfterThatIsTooLongEndsTheTaskAtOnce() throws {
        let arguments = ["-q", "--max-retry-after", "2s", "\(server.base)/retry-after/3"]
        let record = try #require(try RunningProgram.run("fetchpool", arguments).records.first)
        #expect(record.failure == Failure("http_error", "rate_limited", isRetryable: true))
        #expect(record.errorMessage.contains("3 s"))
        #expect(record.attempt == 1)
        #expect(try server.statistics().requests == 1)
    }

    @Test(arguments: [0, 1, 3])
    func failuresAreRetriedAsOftenAsAllowed(retries: Int) throws {
        let arguments = ["-q", "--retries", "\(retries)", "\(server.base)/flaky-reset/9"]
        let record = try #require(try RunningProgram.run("fetchpool", arguments).records.first)
        #expect(record.failure == Failure("fetch_error", "reset", isRetryable: true))
        #expect(record.attempt == retries + 1)
        #expect(record.attempts.map(\.errorClass) == Array(repeating: "reset", count: retries))
        #expect(record.attempts.allSatisfy { $0.wait ?? -1 >= 0 && $0.total ?? -1 > 0 })
        #expect(try server.statistics().requests == retries + 1)
    }

    @Test func onlyRepeatableRequestsAreRetried() throws {
        let input = """
            {"url":"\(server.base)/flaky/1/a","method":"POST","body":"x"}
            {"url":"\(server.base)/flaky/1/b","method":"POST","body":"x","idempotent":true}
            {"url":"\(server.base)/flaky/1/c"}
            """
        let run = try RunningProgram.run("fetchpool", ["-q", "--stats", "/dev/stderr"], input: input)
        let records = try run.records.sorted { $0.id < $1.id }
        #expect(records.map(\.outcome) == ["http_error", "ok", "ok"])
        #expect(records.map(\.attempt) == [1, 2, 2])
        #expect(records.map { $0.attempts.map(\.errorClass) } == [[], ["http_status"], ["http_status"]])
        #expect(run.errors.contains(#""retries":2,"#))
    }

    @Test(.ownThread(isFirst: true)) func tasksThatWaitForARetryAreCancelledByASignal() throws {
        let running = try RunningProgram("fetchpool", ["--per-host", "2", "--progress", "on"])
        try running.send("\(server.base)/retry-after/60\n\(server.base)/get?1\n\(server.base)/get?2")
        // The refusal also pauses the host, so the other two tasks have not begun. The progress line names
        // the paused host.
        try running.waitForErrors(holding: "waiting for: 127.0.0.1:\(server.port) (left alone for")
        running.signal(SIGTERM)
        let record = try #require(try running.record())
        #expect(record.id == "1")
        #expect(record.outcome == "cancelled")
        #expect(record.attempt == 1)
        #expect(record.attempts.map(\.errorClass) == ["rate_limited"])
        #expect(try running.line() == nil)
        #expect(try running.waitForEnd(within: .seconds(20)) == .status(143))
    }

    @Test func aPausedHostDelaysNoOtherHost() throws {
        let other = try FixtureServer()
        let input =
            (["\(server.base)/retry-after/3/1"] + (1...20).map { "\(server.base)/get?\($0)" }
            + (1...20).map { "\(other.base)/get?\($0)" }).joined(separator: "\n")
        let running = try RunningProgram("fetchpool", ["-q", "-w", "1"])
        try running.send(input)
        for _ in 1...20 { #expect(try running.record()?.url?.hasPrefix(other.base) == true) }
        #expect(try running.remainingRecords().outcomes == ["ok": 21])
        let log = try server.log()
        try #require(log.count > 1)
        #expect(log[1].arrivedMS - (log[0].answeredMS ?? 0) >= 3_000)
    }

    @Test(arguments: ["-w 1", "-w 1 --worker 'fetchpool --supervised -w 1'"])
    func aParentCoordinatorObeysTheRetryAfterThatItsChildReports(below: String) throws {
        let command = "\(BuiltPrograms.path("fetchpool")) --supervised \(below)"
            .replacing("'fetchpool", with: "'\(BuiltPrograms.path("fetchpool"))")
        let input = "\(server.base)/retry-after/2/1\n\(server.base)/get?1\n\(server.base)/get?2"
        let arguments = ["-q", "-w", "1", "--per-host", "1", "--worker", command]
        let records = try RunningProgram.run("fetchpool", arguments, input: input).records
        #expect(records.outcomes == ["ok": 3])
        let log = try server.log()
        try #require(log.count == 4)
        #expect(log[1].arrivedMS - (log[0].answeredMS ?? 0) >= 2_000)
    }

    @Test func aChildCoordinatorTriesOnceAndItsParentRetries() throws {
        let ours = BuiltPrograms.path("fetchpool")
        let arguments = ["-q", "-w", "1", "--worker", "'\(ours)' --supervised -w 1"]
        let once = try RunningProgram.run(
            "fetchpool",
            arguments + ["--retries", "0", "\(server.base)/flaky/1/a"]
        )
        let first = try #require(once.records.first)
        #expect(first.status == 503)
        #expect(first.attempt == 1)
        let again = try RunningProgram.run("fetchpool", arguments + ["\(server.base)/flaky/1/b"])
        let second = try #require(again.records.first)
        #expect(second.status == 200)
        #expect(second.attempt == 2)
        #expect(second.attempts.map(\.errorClass) == ["http_status"])
    }

    @Test func aChildCoordinatorRefusesHostRules() throws {
        for option in [
            "--per-host=1", "--rate=1", "--retries=1", "--retry-status=500", "--max-retry-after=1s",
        ] {
            let run = try RunningProgram.run("fetchpool", ["--supervised", option])
            #expect(run.end == .status(2))
            #expect(run.errors.contains("has no effect with --supervised; give it to the parent coordinator"))
        }
    }
}
