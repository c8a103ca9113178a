// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests of hosts that send no response: they refuse connections, are not found, or are silent.
@Suite(.serialized, .ownThread)
struct DeadHostTests {
    private let server: FixtureServer
    private let refusing: LoopbackPort

    init() throws {
        server = try FixtureServer()
        refusing = try LoopbackPort()
    }

    private func lines(_ count: Int, of base: String) -> [String] { (1...count).map { "\(base)/\($0)" } }

    /// Runs fetchpool with `lines` as its input; returns the records and the duration of the run in seconds.
    private func run(_ arguments: [String], _ lines: [String]) throws -> (records: [Record], seconds: Double)
    {
        let start = Date()
        let run = try RunningProgram.run(
            "fetchpool",
            ["-q"] + arguments,
            input: lines.joined(separator: "\n")
        )
        let seconds = -start.timeIntervalSinceNow
        return (try run.records, seconds)
    }

    @Test func linesOfARefusingPortAndOfAnUnknownHostEndSoon() throws {
        let refused = "http://127.0.0.1:\(refusing.number)"
        let (records, seconds) = try run(
            [],
            zip(lines(60, of: refused), lines(60, of: "http://nohost.invalid")).flatMap { [$0, $1] }
        )
        #expect(records.outcomes == ["fetch_error": 120])
        #expect(seconds < 15)
        for record in records {
            let isNameless = record.url?.contains("nohost") == true
            #expect(
                record.failure == Failure("fetch_error", isNameless ? "dns" : "connect", isRetryable: true)
            )
            guard record.attempt == 0 else { continue }
            let host = isNameless ? "nohost.invalid:80" : "127.0.0.1:\(refusing.number)"
            #expect(record.errorMessage.hasPrefix("\(host) was given up: no response to "))
            #expect(record.secondsSinceFetched == nil)
        }
        // The refusing host is given up after about five attempts, and the unknown host after two attempts.
        // The other lines fail without an attempt.
        #expect(records.count { $0.attempt == 0 } >= 110)
    }

    /// A dead host is given up 100 ms after its first failure at the earliest.
    ///
    /// The first response of the server comes sooner.
    @Test func deadHostsDoNotDelayOtherHosts() throws {
        let good = lines(400, of: server.base + "/get?")
        let dead =
            lines(20, of: "http://127.0.0.1:\(refusing.number)") + lines(20, of: "http://nohost.invalid")
        let (records, _) = try run(["-w", "1"], dead + good)
        #expect(records.outcomes == ["ok": 400, "fetch_error": 40])
        let givenUp = try #require(records.firstIndex { $0.outcome == "fetch_error" && $0.attempt == 0 })
        #expect(
            records[..<givenUp].contains { $0.outcome == "ok" },
            "none of the first \(givenUp) records has a response"
        )
        #expect(Set(records.map(\.id)).count == 440)
    }

    @Test func withoutRetriesEachLineIsTriedOnceWithoutAWait() throws {
        let refused = "http://127.0.0.1:\(refusing.number)"
        let (records, seconds) = try run(["--retries", "0"], lines(200, of: refused))
        #expect(records.outcomes == ["fetch_error": 200])
        #expect(records.allSatisfy { $0.attempt == 1 && $0.attempts.isEmpty && $0.errorClass == "connect" })
        #expect(seconds < 10)
    }

    @Test(arguments: ["2", "0"])
    func aSilentHostIsGivenUpAfterThePatience(retries: String) throws {
        let arguments = ["--timeout", "300ms", "--host-patience", "2s", "--retries", retries]
        let (records, seconds) = try run(arguments, lines(60, of: server.base + "/hang?"))
        #expect(records.outcomes == ["fetch_error": 60])
        #expect(records.allSatisfy { $0.errorClass == "timeout_total" })
        let given = records.filter { $0.attempt == 0 }
        #expect(given.count > 20)
        #expect(given.allSatisfy { $0.errorMessage.contains("longer than --host-patience; the last: ") })
        // The run takes about as long as the patience plus two fetches. The upper bound allows for a busy
        // machine.
        #expect(seconds >= 2)
        #expect(seconds < 15)
    }

    @Test func aHostThatRespondsInBetweenIsNotGivenUp() throws {
        let (hang, get) = ("\(server.base)/hang?", "\(server.base)/get?")
        let arguments = ["--timeout", "300ms", "--host-patience", "1s", "--retries", "1", "--per-host", "1"]
        // Each URL with `/hang` is tried twice. Each attempt takes 300 ms. The two attempts of one URL take
        // less than 1 s, which is the patience.
        let (records, _) = try run(
            arguments,
            (1...6).flatMap { ["\(hang)\($0)", "\(get)\($0)", "\(get)x\($0)"] }
        )
        #expect(records.outcomes == ["fetch_error": 6, "ok": 12])
        #expect(records.allSatisfy { $0.attempt == ($0.outcome == "ok" ? 1 : 2) })
    }

    @Test(.ownThread(isFirst: true)) func aRestartedHostIsUsedAgain() throws {
        let server = ["--port", "\(refusing.number)"]
        let first = try RunningProgram("fixture-server", server)
        #expect(try first.line() != nil)
        let running = try RunningProgram("fetchpool", ["--progress", "on", "-w", "1", "--per-host", "2"])
        try running.send(
            lines(100, of: "http://127.0.0.1:\(refusing.number)/delay/20?").joined(separator: "\n")
        )
        var records = [try #require(try running.record())]
        #expect(records[0].outcome == "ok")
        _ = try first.finish()
        // This text comes only after 25 refusals. A host that had never responded would be given up earlier.
        try running.waitForErrors(holding: "left alone for ")
        let second = try RunningProgram("fixture-server", server)
        #expect(try second.line() != nil)
        records += try running.remainingRecords()
        #expect(records.count == 100)
        #expect(records.outcomes["ok", default: 0] >= 50)
        #expect(records.allSatisfy { $0.attempt ?? 0 > 0 })
    }

    @Test func onlyAPostOrPatchThatWasNotSentIsTriedAgain() throws {
        let refused = "http://127.0.0.1:\(refusing.number)/"
        let posts = [
            #"{"url":"\#(refused)","id":"refused","method":"POST","body":"x"}"#,
            #"{"url":"http://nohost.invalid/","id":"nameless","method":"PATCH","body":"x"}"#,
            #"{"url":"\#(server.base)/reset","id":"sent","method":"POST","body":"x"}"#,
            #"{"url":"\#(server.base)/redirect-to?url=\#(refused)&status=307","id":"led on","method":"POST","body":"x"}"#,
        ]
        let (records, _) = try run([], posts)
        let attempts = Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0.attempt) })
        #expect(attempts == ["refused": 3, "nameless": 2, "sent": 1, "led on": 1])
        #expect(records.allSatisfy { $0.failure?.isRetryable == true })
        #expect(try server.statistics().requests == 2)
    }
}
