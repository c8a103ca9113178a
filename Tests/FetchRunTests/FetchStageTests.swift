// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import Spool
import Testing

@testable import FetchRun
@testable import ProcessPool

@Suite struct FetchStageTests {
    private var processing: RunSettings {
        var settings = RunSettings()
        settings.processing = .bundled("text")
        return settings
    }

    @Test func tasksBeginWithinTheLimitOfTheirHost() throws {
        var settings = RunSettings()
        settings.perHost = 1
        let run = StageScript(["http://a/1", "ftp://x/", "http://a/2", "http://b/1"], settings)
        let first = run.beginAll()
        #expect(first.count == 2)
        try run.finishFetch(first[0], #""status":200,"fields":{}"#)
        let second = run.beginAll()
        #expect(second.count == 1)
        try run.finishFetch(second[0], #""status":200,"fields":{}"#)
        let records = run.records()
        #expect(records.count == 3)
        #expect(records.filter { $0.contains(#""outcome":"invalid""#) }.count == 1)
        #expect(run.context.state.fetchesInFlight == 1)
    }

    @Test func theRecordOfARetriedTaskShowsBothAttempts() throws {
        let run = StageScript(["http://a/1"])
        let first = run.beginAll()
        try run.finishFetch(first[0], #""status":503,"fields":{}"#)
        #expect(run.records().isEmpty)
        #expect(run.context.state.fetchesInFlight == 0)
        run.now = run.now + 60_000
        let second = run.beginAll()
        try #require(second.count == 1)
        try run.finishFetch(second[0], #""status":200,"fields":{}"#)
        let records = run.records()
        try #require(records.count == 1)
        #expect(records[0].contains(#""outcome":"ok","status":200"#))
        #expect(records[0].contains(#""attempt":2"#))
        #expect(records[0].contains(#""attempts":[{"class":"http_status""#))
    }

    /// Returns the fields of a fetch that was redirected from `http://a.test/1` to `url`.
    private func redirected(to url: String) -> String {
        #""final_url":"\#(url)","redirects":1,"redirect_chain":[{"url":"http://a.test/1","status":302}]"#
    }

    @Test(arguments: [
        (#""status":503,"retry_after_s":5"#, "http://b.test/", true),
        (#""status":503,"retry_after_s":5"#, "http://b\\u002etest/", true),
        (#""status":429"#, "http://[::1]:8080/", true),
        (#""status":503"#, "https://a.test/", false), (#""status":503"#, "http://a.test:8080/", false),
        (#""status":503"#, "http://www.a.test/", false),
    ])
    func aRefusalAfterARedirectPausesOnlyTheRefusingSite(_ status: String, url: String, isFree: Bool) throws {
        for isChild in [false, true] {
            var settings = RunSettings()
            (settings.perHost, settings.retry.retries) = (1, 1)
            let run = StageScript(["http://a.test/1", "http://a.test/2"], settings)
            let first = run.beginAll()
            try #require(first.count == 1)
            let (outer, inner) = isChild ? (status.split(separator: ",").dropFirst(), status) : ([], status)
            let members = outer.map { "\($0)," }.joined()
            let record =
                #""record":{"outcome":"http_error",\#(inner),\#(redirected(to: url)),"#
                + #""error":{"class":"http_status","message":"m","retryable":true}}"#
            let result = #"\#(status),"fields":{\#(redirected(to: url))}"#
            try run.finishFetch(first[0], isChild ? members + record : result)
            let second = run.beginAll()
            #expect(second.count == (isFree ? 1 : 0))
            for token in second { try run.finishFetch(token, #""status":200,"fields":{}"#) }
            // The refused task is not tried again before the time in `Retry-After` has passed.
            if status.contains("retry_after_s") {
                run.now = run.now + 4_900
                #expect(run.beginAll().isEmpty)
            }
            run.now = run.now + 60_000
            #expect(run.beginAll().count == 1)
        }
    }

    /// Returns members of a fetch worker's result message: a failure before any request was sent.
    private func failure(_ errorClass: String, _ message: String) -> String {
        #""error":{"class":"\#(errorClass)","message":"\#(message)","retryable":true,"sent":false},"fields":{}"#
    }

    @Test(arguments: [
        ("dns", "the host name could not be looked up: try again", false),
        ("connect", "the proxy can make no connection now: response 503", false),
        ("dns", "the host name was not found: no such name", true),
        ("connect", "the server could not be reached: refused", true),
    ])
    func onlyALastingFailureGivesUpTheHost(errorClass: String, message: String, isLasting: Bool) throws {
        var settings = RunSettings()
        settings.retry.retries = 3
        let run = StageScript((1...5).map { "http://a/\($0)" }, settings)
        for _ in 0..<100 {
            for token in run.beginAll() { try run.finishFetch(token, failure(errorClass, message)) }
            run.now = run.now + 100
        }
        let records = run.records()
        #expect(records.count == 5)
        #expect(records.contains { $0.contains("was given up") } == isLasting)
        #expect(records.allSatisfy { $0.contains(#""attempt":4"#) } != isLasting)
    }

    @Test func aProxyThatAsksForAPauseGetsNoRequestForTheHostFor500Milliseconds() throws {
        let run = StageScript((1...3).map { "https://a/\($0)" })
        let first = run.beginAll()
        // A host that has not responded yet gets one request at a time, so the other two tasks still wait.
        #expect(first.count == 1)
        try run.finishFetch(first[0], failure("connect", "the proxy asks for a pause: response 429"))
        run.now = run.now + 499
        #expect(run.beginAll().isEmpty)
        run.now = run.now + 1
        #expect(!run.beginAll().isEmpty)
    }

    @Test(arguments: [
        (true, "connect", ": refused"), (true, "dns", ", because its name was not found: p.test"),
        (true, "timeout_connect", " within the time-out: Timeout was reached"),
        (false, "connect", ": refused"),
    ])
    func aRunWaitsOnlyForAProxyThatWorkedBefore(worked: Bool, errorClass: String, cause: String) throws {
        var settings = RunSettings()
        settings.fetch.proxy = try ProxyURL(reading: "http://p.test:3128")
        settings.retry.retries = 0
        let run = StageScript((1...20).map { "http://h\($0)/" }, settings)
        var tokens = run.beginAll()
        #expect(tokens.count == 20)
        if worked {
            try run.finishFetch(tokens.removeLast(), #""status":200,"fields":{"remote_ip":"127.0.0.1"}"#)
        }
        let lost = failure(errorClass, "the proxy could not be reached\(cause)")
        for token in tokens { try run.finishFetch(token, lost) }
        guard worked else {
            #expect(run.records().count == 20)
            return
        }
        #expect(run.records().count == 1 && run.beginAll().isEmpty)
        // One fetch at a time tries the proxy, after pauses of 0.1, 0.2, 0.4, 0.8, 1.6 s, and then 2 s each.
        var probes = 0
        while run.now.nanoseconds < 50_000_000_000 {
            run.now = run.now + 10
            let begun = run.beginAll()
            probes += begun.count
            #expect(begun.count <= 1)
            for token in begun { try run.finishFetch(token, lost) }
        }
        #expect((27...29).contains(probes))
        // Once the proxy responds again, the other 18 tasks begin.
        run.now = run.now + 2_000
        let back = try #require(run.beginAll().first)
        try run.finishFetch(back, #""status":200,"fields":{"remote_ip":"127.0.0.1"}"#)
        let rest = run.beginAll()
        #expect(rest.count == 18 && run.records().count == 2)
        // In a new outage, the run waits for the proxy no longer than --host-patience.
        for token in rest { try run.finishFetch(token, lost) }
        run.now = run.now + 60_000
        for token in run.beginAll() { try run.finishFetch(token, lost) }
        for token in run.beginAll() { try run.finishFetch(token, lost) }
        #expect(run.records().count == 20)
    }

    /// Returns a run whose proxy has worked for one fetch, and the token of the task in `line`.
    private func runWithProxy(_ line: String) throws -> (run: StageScript, token: Int) {
        var settings = RunSettings()
        settings.fetch.proxy = try ProxyURL(reading: "http://p.test:3128")
        settings.retry.retries = 1
        let run = StageScript(["http://a/", line], settings)
        let tokens = run.beginAll()
        try run.finishFetch(tokens[0], #""status":200,"fields":{"remote_ip":"127.0.0.1"}"#)
        return (run, tokens[1])
    }

    @Test func aRedirectedPOSTIsNotRepeatedWhenTheProxyCannotBeReached() throws {
        let (run, token) = try runWithProxy(#"{"url":"http://b/","method":"POST"}"#)
        let lost =
            #""status":303,"error":{"class":"connect","message":"the proxy could not be reached: refused","#
            + #""retryable":true},"fields":{}"#
        try run.finishFetch(token, lost)
        #expect(run.records().count == 2)
    }

    @Test func theTriesOfAProxyAreNoRetries() throws {
        var (run, token) = try runWithProxy("http://b/")
        for _ in 0..<5 {
            try run.finishFetch(token, failure("connect", "the proxy could not be reached: refused"))
            run.now = run.now + 2_000
            token = try #require(run.beginAll().first)
        }
        try run.finishFetch(token, #""status":503,"fields":{"remote_ip":"127.0.0.1"}"#)
        run.now = run.now + 60_000
        token = try #require(run.beginAll().first)
        try run.finishFetch(token, #""status":200,"fields":{"remote_ip":"127.0.0.1"}"#)
        let record = try #require(run.records().last)
        #expect(record.contains(#""attempt":2"#))
    }

    @Test func theAttemptsBeforeAnOutageOfTheProxyStayInTheRecord() throws {
        var (run, token) = try runWithProxy("http://b/")
        try run.finishFetch(token, #""status":503,"retry_after_s":3,"fields":{"remote_ip":"127.0.0.1"}"#)
        run.now = run.now + 60_000
        for _ in 0..<2 {
            token = try #require(run.beginAll().first)
            try run.finishFetch(token, failure("connect", "the proxy could not be reached: refused"))
            run.now = run.now + 2_000
        }
        token = try #require(run.beginAll().first)
        try run.finishFetch(token, #""status":200,"fields":{"remote_ip":"127.0.0.1"}"#)
        let record = try #require(run.records().last)
        #expect(record.contains(#""wait_ms":64000"#), "\(record)")
    }

    @Test func theDeathOfAWorkerBeforeAnOutageOfTheProxyStaysInTheRecord() throws {
        var (run, token) = try runWithProxy("http://b/")
        run.fetching.triedAgain(token, after: WorkerExit(signal: 11), nanosecondsInHand: 1_000_000)
        try run.finishFetch(token, failure("connect", "the proxy could not be reached: refused"))
        run.now = run.now + 2_000
        token = try #require(run.beginAll().first)
        try run.finishFetch(token, #""status":200,"fields":{"remote_ip":"127.0.0.1"}"#)
        let record = try #require(run.records().last)
        #expect(record.contains(#""attempts":[{"class":"crash""#), "\(record)")
    }

    /// A refused line begins no fetch, so it does not count as a try of the proxy.
    @Test func aRefusedLineDelaysNoTryOfTheProxy() throws {
        var settings = RunSettings()
        settings.fetch.proxy = try ProxyURL(reading: "http://p.test:3128")
        settings.perHost = 1
        let run = StageScript((1...3).map { "http://h\($0)/" } + ["no url", "http://h4/"], settings)
        let tokens = run.beginAll(atMost: 3)
        try run.finishFetch(tokens[0], #""status":200,"fields":{"remote_ip":"127.0.0.1"}"#)
        try run.finishFetch(tokens[1], failure("connect", "the proxy could not be reached: refused"))
        // The first try of the proxy begins here, and does not end.
        run.now = run.now + 2_001
        #expect(run.beginAll().count == 1)
        run.now = run.now + 2_001
        #expect(run.beginAll().count == 1)
        #expect(run.records().count == 2)
    }

    /// A long download must not keep all other fetches waiting.
    @Test func aProxyIsTriedWhileFetchesAreInFlight() throws {
        var settings = RunSettings()
        settings.fetch.proxy = try ProxyURL(reading: "http://p.test:3128")
        let run = StageScript((1...4).map { "http://h\($0)/" }, settings)
        let tokens = run.beginAll()
        try run.finishFetch(tokens[0], #""status":200,"fields":{"remote_ip":"127.0.0.1"}"#)
        try run.finishFetch(tokens[1], failure("connect", "the proxy could not be reached: refused"))
        run.now = run.now + 1_000
        #expect(run.beginAll().isEmpty)
        let next = run.context.state.nextWake
        let wake = try #require(next)
        #expect(wake > run.now)
        run.now = wake
        #expect(run.beginAll().count == 1)
    }

    @Test func aFailureThatAChildCoordinatorReportsIsRetriedLikeAnyOtherFailure() throws {
        let run = StageScript(["http://a/1", #"{"url":"http://b/","method":"POST"}"#])
        let first = run.beginAll()
        let failed =
            #""record":{"outcome":"http_error","status":503,"timing":{"total_ms":4},"attempt":1,"#
            + #""error":{"class":"http_status","message":"m","retryable":true}}"#
        for token in first { try run.finishFetch(token, failed) }
        // The POST must not be repeated, so its task gets the record of the child coordinator at once.
        #expect(run.records().count == 1)
        #expect(run.context.state.fetchesInFlight == 0)
        run.now = run.now + 60_000
        let second = run.beginAll()
        try #require(second.count == 1)
        try run.finishFetch(
            second[0],
            #""record":{"outcome":"ok","status":200,"attempt":1,"result":{"n":1}}"#
        )
        let records = run.records()
        try #require(records.count == 2)
        #expect(records[1].contains(#""outcome":"ok","status":200,"attempt":2,"result":{"n":1}"#))
        #expect(records[1].contains(#""attempts":[{"class":"http_status","total_ms":4,"wait_ms":60000}]"#))
        #expect(run.context.state.sink.summary.retries == 1)
    }

    private let post = #"{"url":"http://a/","method":"POST"}"#

    /// Returns members of a child coordinator's result message: the record of a failed fetch.
    private func childFailure(_ errorClass: String, _ more: String = "", beside: String = "") -> String {
        #"\#(beside)"record":{"outcome":"fetch_error"\#(more),"attempt":1,"#
            + #""error":{"class":"\#(errorClass)","message":"m","retryable":true}}"#
    }

    @Test func aPOSTThatWasNotSentIsTriedAgainAlsoOverAChildCoordinator() throws {
        let error = #"{"class":"tls","message":"m","retryable":true,"sent":false}"#
        let child = StageScript([post], isUpstream: true)
        _ = child.beginAll()
        _ = child.records()
        try child.finishFetch(try #require(child.beginAll().first), #""error":\#(error)"#)
        let result = try #require(child.records().last)
        #expect(result.contains(#","sent":false,"record":{"outcome":"#))
        #expect(result.split(separator: #""sent""#).count == 2, "the record itself must not contain `sent`")
        // There can be a third coordinator between the parent and the child coordinator.
        let middle = StageScript([post], isUpstream: true)
        _ = middle.beginAll()
        _ = middle.records()
        let members = String(result.dropFirst(#"{"t":"result","seq":100,"#.count).dropLast())
        try middle.finishFetch(try #require(middle.beginAll().first), members)
        #expect(middle.records().last == result)
        let run = StageScript([post])
        try run.finishFetch(run.beginAll()[0], members)
        #expect(run.records() == [])
        run.now = run.now + 60_000
        #expect(run.beginAll().count == 1)
    }

    @Test func theRecordOfAChildCoordinatorSaysWhyTheFetchWasNotTriedAgain() throws {
        let run = StageScript([post, "http://b/"])
        let tokens = run.beginAll()
        try run.finishFetch(tokens[0], childFailure("reset"))
        let refused =
            #""retry_after_s":4000,"record":{"outcome":"http_error","status":503,"error":{"class":"http_status","#
            + #""message":"m","retryable":true},"bytes":{"body":1}}"#
        try run.finishFetch(tokens[1], refused)
        let records = run.records()
        try #require(records.count == 2)
        #expect(
            records[0].contains(#""class":"reset","message":"m; not tried again: the request may have been"#)
        )
        #expect(records[1].contains(#""outcome":"http_error","status":503,"error":{"class":"rate_limited","#))
        #expect(records[1].contains(#"longer than --max-retry-after","retryable":true},"bytes":{"body":1},"#))
        #expect(run.context.state.sink.summary.classes == [.reset: 1, .rateLimited: 1])
    }

    @Test func theTrafficOfARetriedFetchCountsAlsoOverAChildCoordinator() throws {
        let run = StageScript(["http://a/"])
        let traffic = #","bytes":{"body":70,"wire":80},"timing":{"total_ms":4}"#
        try run.finishFetch(run.beginAll()[0], childFailure("reset", traffic))
        #expect(run.records() == [])
        let summary = run.context.state.sink.summary
        #expect(summary.bodyBytes == 70 && summary.wireBytes == 80 && summary.latency.total == 1)
        run.now = run.now + 60_000
        let again = try #require(run.beginAll().first)
        try run.finishFetch(again, #""record":{"outcome":"ok","status":200\#(traffic)}"#)
        #expect(run.records().count == 1)
        #expect(run.context.state.sink.summary.bodyBytes == 140)
    }

    /// In the first case, a worker of the child coordinator died during the second fetch of the task, and
    /// another worker of the child repeated this fetch.
    ///
    /// In the second case, no worker died.
    @Test(arguments: [
        (#"[{"class":"crash","total_ms":5}]"#, #",{"class":"crash","total_ms":5}]"#), ("[ ]", " ]"),
    ])
    func theAttemptsOfBothCoordinatorsAreInTheRecord(child: String, rest: String) throws {
        let run = StageScript(["http://a/"])
        try run.finishFetch(run.beginAll()[0], childFailure("reset", #","timing":{"total_ms":4}"#))
        run.now = run.now + 60_000
        let again = try #require(run.beginAll().first)
        try run.finishFetch(
            again,
            #""record":{"outcome":"ok","attempts":\#(child),"status":200,"attempt":1}"#
        )
        let own = #"[{"class":"reset","total_ms":4,"wait_ms":60000}"#
        let expected = #""outcome":"ok","attempts":\#(own + rest),"status":200,"attempt":2,"worker":"#
        #expect(run.records().first?.contains(expected) == true)
    }

    @Test func theRecordOfAFailedPOSTSaysWhyItWasNotRetried() throws {
        let run = StageScript([#"{"url":"http://a/","method":"POST"}"#])
        try run.finishFetch(run.beginAll()[0], #""status":503,"fields":{}"#)
        let records = run.records()
        try #require(records.count == 1)
        #expect(records[0].contains(#""outcome":"http_error""#))
        #expect(records[0].contains("not tried again"))
    }

    @Test func noTaskWaitsForARetryOnceTheRunIsEnding() throws {
        let run = StageScript(["http://a/1"])
        let tokens = run.beginAll()
        run.isEnding = true
        try run.finishFetch(tokens[0], #""status":503,"fields":{}"#)
        let records = run.records()
        try #require(records.count == 1)
        #expect(records[0].contains(#""outcome":"cancelled""#))
    }

    @Test func onlyAResponseWithABodyGoesToProcessing() throws {
        let run = StageScript(["http://a/1", "http://b/1"], processing)
        let tokens = run.beginAll()
        try run.finishWithBody(tokens[0])
        try run.finishFetch(tokens[1], #""status":204,"fields":{}"#)
        #expect(run.records().count == 1)
        let next = run.processing?.nextTask()
        #expect(next?.token == tokens[0])
        #expect(next?.mayRepeat == true)
        #expect(run.processing?.isEmpty == true)
    }

    @Test func aBodyInAnotherWorkersSegmentIsRefused() throws {
        let run = StageScript(["http://a/1"], processing)
        let response =
            #"{"status":200,"url":"http://a/","headers":[],"bytes":9,"body_segment":"8-1","body_offset":0}"#
        try run.finishFetch(run.beginAll()[0], #""status":200,"fields":{},"response":\#(response)"#)
        let records = run.records()
        try #require(records.count == 1)
        #expect(records[0].contains(#""class":"worker_protocol""#))
        #expect(run.processing?.isEmpty == true)
    }

    @Test func aFullSpoolAllowsNoFetchUntilBodiesAreProcessed() throws {
        var settings = processing
        settings.spoolLimit = 1_000
        let run = StageScript((1...8).map { "http://h\($0)/" }, settings)
        // No mean size of bodies is known yet, so all fetches begin.
        let tokens = run.beginAll()
        #expect(tokens.count == 8)
        for (index, token) in tokens.enumerated() {
            try run.finishWithBody(token, at: index * 400, bytes: 400)
        }
        #expect(run.context.spool?.hasRoom(inFlight: 0) == false)
        while let task = run.processing?.nextTask() {
            try run.finishProcessing(task.token, #""result":1"#)
        }
        #expect(run.context.spool?.hasRoom(inFlight: 1) == true)
        #expect(run.records().count == 8)
    }

    /// The text of a task is smaller than the first limit, and larger than the second.
    @Test(arguments: [1_000_000, 50_000])
    func textsOfTasksCountTowardsTheSpoolLimit(limit: Int) throws {
        var settings = processing
        settings.spoolLimit = limit
        let meta = String(repeating: "m", count: 100_000)
        let run = StageScript((1...40).map { #"{"url":"http://h\#($0)/","meta":"\#(meta)"}"# }, settings)
        let window = 4
        while run.records().count < 40 {
            // Nothing is processed, as if the processor hung.
            var (fetching, held) = (run.beginAll(atMost: window), [Int]())
            try #require(!fetching.isEmpty, "the run stands still")
            while !fetching.isEmpty {
                let token = fetching.removeFirst()
                try run.finishWithBody(token, at: 100 * held.count)
                held.append(token)
                fetching += run.beginAll(atMost: window - fetching.count)
            }
            #expect(held.count <= limit / 100_000 + window)
            while let task = run.processing?.nextTask() {
                try run.finishProcessing(task.token, #""result":1"#)
            }
            #expect(run.context.spool?.isEmpty == true)
        }
    }

    @Test func headerFieldsCountTowardsTheSpoolLimit() throws {
        var settings = processing
        settings.spoolLimit = 100_000
        let run = StageScript(["http://a/", "http://b/"], settings)
        let token = try #require(run.beginAll(atMost: 1).first)
        let value = String(repeating: "x", count: 200_000)
        let fields = #"{"headers":[{"name":"x","value":"\#(value)"}]}"#
        let response = #"{"status":200,"url":"http://a/","headers":[],"bytes":1,"body":"x"}"#
        try run.finishFetch(token, #""status":200,"fields":\#(fields),"response":\#(response)"#)
        #expect(run.beginAll() == [])
        _ = run.processing?.nextTask()
        try run.finishProcessing(token, #""result":1"#)
        #expect(run.beginAll().count == 1)
    }

    @Test func recordsOfCancelledResponsesAreNotCollectedBeforeTheyAreWritten() throws {
        let meta = String(repeating: "m", count: 100_000)
        let run = StageScript((1...10).map { #"{"url":"http://h\#($0)/","meta":"\#(meta)"}"# }, processing)
        for (index, token) in run.beginAll().enumerated() {
            try run.finishWithBody(token, at: 100 * index)
        }
        run.processing?.cancelWaiting()
        #expect(run.output.bytes.count > 500_000)
        #expect(run.records().count == 10)
    }

    /// `--task-deadline` does not limit the bundled fetch worker.
    @Test(arguments: [[], [["theirs"]]])
    func theRecordOfASilentWorkerNamesTheDeadlineOnlyIfItLimitsTheWorker(commands: [[String]]) throws {
        var settings = RunSettings()
        settings.workerCommands = commands
        let run = StageScript(["http://a/"], settings)
        let token = try #require(run.beginAll().first)
        run.fetching.ended(token, .pastDeadline(WorkerExit()), by: .sample)
        let record = try #require(run.records().first)
        #expect(record.contains(#""class":"deadline","message":"the worker was ended: "#))
        #expect(record.contains("--task-deadline") != commands.isEmpty)
    }

    @Test func noFetchBeginsWhileTheOutputIsFull() {
        let run = StageScript(["http://a/1"])
        run.output.isFull = true
        #expect(run.beginAll().isEmpty)
        run.output.isFull = false
        #expect(run.beginAll().count == 1)
    }

    @Test(
        "the record of a crash has the signal, the end of standard error, the worker, and the earlier attempt"
    )
    func crash() throws {
        let run = StageScript(["http://a/1"])
        let token = run.beginAll()[0]
        var exit = WorkerExit(signal: 11)
        exit.errorTail = ["boom"]
        run.fetching.triedAgain(token, after: exit, nanosecondsInHand: 5_000_000)
        run.fetching.ended(token, .crashed(exit), by: .sample)
        let records = run.records()
        try #require(records.count == 1)
        #expect(records[0].contains(#""outcome":"worker_crash""#))
        #expect(records[0].contains(#""signal":"SIGSEGV","stderr_tail":["boom"]"#))
        #expect(records[0].contains(#""attempts":[{"class":"crash","total_ms":5}]"#))
        #expect(records[0].contains(#""worker":{"id":3,"pid":4711}"#))
        #expect(run.context.state.fetchesInFlight == 0)
    }

    @Test func aCancelledTaskGetsARecordUnlessTheRunHasAParentCoordinator() throws {
        for isUpstream in [false, true] {
            let run = StageScript(["http://a/1"], isUpstream: isUpstream)
            let tokens = run.beginAll()
            try #require(tokens.count == 1)
            run.fetching.ended(tokens[0], .cancelled, by: nil)
            #expect(run.records().count == (isUpstream ? 0 : 1))
            #expect(run.context.state.items.count == 0)
        }
    }

    @Test func aPOSTBeginsOnlyAfterItsStartMessageToTheParentCoordinator() throws {
        let run = StageScript([#"{"url":"http://a/","method":"POST"}"#], isUpstream: true)
        #expect(run.beginAll().isEmpty)
        // `records` also writes the waiting `start` message. After that, the task may begin.
        #expect(run.records().filter { $0.contains(#""t":"start","seq":100"#) }.count == 1)
        let tokens = run.beginAll()
        try #require(tokens.count == 1)
        try run.finishFetch(tokens[0], #""status":503,"fields":{}"#)
        let result = try #require(run.records().last)
        // The parent coordinator decides about retries.
        #expect(result.hasPrefix(#"{"t":"result","seq":100,"#))
        #expect(result.contains(#""outcome":"http_error""#))
        #expect(!result.contains("not tried again"))
    }

    @Test func theRunGetsTheExitOfAWorkerThatCannotStart() {
        let run = StageScript([])
        let exit = WorkerExit(status: 3)
        run.fetching.poolEnded(.cannotStart(WorkerID(slot: 0, life: 1), exit))
        #expect(run.fetching.hasEnded)
        #expect(run.unstartable == [exit])
    }

    @Test func aDrainedPoolHasEndedWithoutAnError() {
        let run = StageScript([])
        #expect(!run.fetching.hasEnded)
        run.fetching.poolEnded(.drained)
        #expect(run.fetching.hasEnded)
        #expect(run.unstartable.isEmpty)
    }
}
