// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import PoolWire
import ProcessPool
import Spool
import Testing

@testable import FetchRun

@Suite struct ProcessStageTests {
    private let run: StageScript
    private let stage: ProcessStage

    init() throws {
        var settings = RunSettings()
        settings.processing = .bundled("text")
        run = StageScript(["http://a/1", "http://b/1"], settings)
        stage = try #require(run.processing)
    }

    /// Fetches both pages; returns the tokens in the order in which the stage sends the tasks.
    private func fetchBoth() throws -> [Int] {
        for (index, token) in run.beginAll().enumerated() {
            try run.finishWithBody(token, at: index * 100)
        }
        var tokens: [Int] = []
        while let task = stage.nextTask() { tokens.append(task.token) }
        return tokens
    }

    private func sent(_ token: Int) -> String {
        var writer = JSONWriter()
        stage.writeTask(token, seq: 5, attempt: 1, to: .sample, into: &writer)
        return String(decoding: writer.take(), as: UTF8.self)
    }

    @Test func responsesAreSentInTheOrderOfTheirArrival() throws {
        let tokens = try fetchBoth()
        try #require(tokens.count == 2)
        #expect(sent(tokens[0]).contains(#""body_path":"/spool/7-1""#))
        #expect(sent(tokens[0]).contains("http://a/1"))
        #expect(sent(tokens[1]).contains("http://b/1"))
    }

    @Test func theRecordOfAResultShowsTheFetchAndTheProcessing() throws {
        let token = try fetchBoth()[0]
        _ = sent(token)
        try run.finishProcessing(token, #""result":{"n":1}"#)
        let records = run.records()
        try #require(records.count == 1)
        #expect(records[0].contains(#""outcome":"ok","status":200"#))
        #expect(records[0].contains(#""result":{"n":1}"#))
        #expect(records[0].contains(#""process_ms":2}"#))
        #expect(records[0].contains(#""processor":{"name":"p","id":3,"pid":4711}"#))
    }

    @Test func anErrorOrAMessageWithoutAResultIsAProcessingError() throws {
        let tokens = try fetchBoth()
        try run.finishProcessing(tokens[0], #""error":{"class":"processor","message":"no"}"#)
        try run.finishProcessing(tokens[1], #""status":200"#)
        let records = run.records()
        try #require(records.count == 2)
        #expect(records.allSatisfy { $0.contains(#""outcome":"process_error""#) })
        #expect(records[0].contains(#""message":"no""#))
        #expect(records[1].contains(#""class":"worker_protocol""#))
    }

    @Test(
        "the record after a second crash shows both crashes and a single fetch"
    )
    func crashWithSecondTry() throws {
        let token = try fetchBoth()[0]
        _ = sent(token)
        let exit = WorkerExit(signal: 6)
        stage.triedAgain(token, after: exit, nanosecondsInHand: 7_000_000)
        run.now = run.now + 10
        _ = sent(token)
        run.now = run.now + 30
        stage.ended(token, .crashed(exit), by: .sample)
        let records = run.records()
        try #require(records.count == 1)
        #expect(records[0].contains(#""outcome":"worker_crash","status":200"#))
        #expect(records[0].contains(#""signal":"SIGABRT""#))
        #expect(records[0].contains(#""process_ms":30"#))
        #expect(records[0].contains(#""attempts":[{"class":"crash","total_ms":7}]"#))
        #expect(records[0].contains(#""attempt":1"#))
    }

    @Test func theRecordOfACancelledResponseHasTheDataOfItsFetch() throws {
        for (index, token) in run.beginAll().enumerated() {
            try run.finishWithBody(token, at: index * 100)
        }
        #expect(!stage.isEmpty)
        stage.cancelWaiting()
        #expect(stage.isEmpty)
        let records = run.records()
        #expect(records.count == 2)
        #expect(records.allSatisfy { $0.contains(#""outcome":"cancelled","status":200"#) })
        #expect(run.context.spool?.isEmpty == true)
        #expect(run.context.state.items.count == 0)
    }

    @Test func noResponseIsSentToAWorkerWhileTheOutputIsFull() throws {
        try run.finishWithBody(run.beginAll()[0])
        run.output.isFull = true
        #expect(stage.nextTask() == nil)
        run.output.isFull = false
        #expect(stage.nextTask() != nil)
    }

    @Test func theExpectedTasksAreTheFetchesInFlight() {
        #expect(run.beginAll().count == 2)
        #expect(stage.expectedTasks == 2)
    }
}
