// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import PoolWire
import ProcessPool
import SimulationSupport
import Testing

@testable import FetchRun

/// Tests of runs that write their records in the order of the input.
@Suite struct OrderedStageTests {
    private func ordered(_ change: (inout RunSettings) -> Void = { _ in }) -> RunSettings {
        var settings = RunSettings()
        settings.keepsOrder = true
        settings.perHost = 0
        change(&settings)
        return settings
    }

    private func ids(_ records: [String]) -> [Int] {
        records.compactMap { $0.dropFirst(#"{"v":1,"id":"#.count).prefix { $0 != "," } }.compactMap {
            Int($0)
        }
    }

    private func isWindowFull(_ run: StageScript) -> Bool { run.context.state.isWindowFull }

    /// A result of slightly more than 1 MiB.
    private static let large =
        #""status":200,"fields":{},"result":"\#(String(repeating: "x", count: 1 << 20))""#

    @Test(arguments: 1...10)
    func recordsLeaveInTheOrderOfTheInput(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let lines = (1...200).map {
            $0 % 7 == 0 ? "no url" : $0 % 11 == 0 ? "# none" : "http://h\($0 % 5)/\($0)"
        }
        let run = StageScript(lines, ordered())
        for token in run.beginAll().shuffled(using: &random) {
            let isFailed = Bool.random(using: &random)
            try run.finishFetch(token, isFailed ? #""status":404,"fields":{}"# : #""status":200,"fields":{}"#)
            let ids = ids(run.records())
            #expect(ids == ids.sorted())
        }
        #expect(ids(run.records()) == (1...200).filter { $0 % 7 == 0 || $0 % 11 != 0 })
    }

    @Test func aTaskThatIsTriedAgainKeepsItsPlace() throws {
        let run = StageScript(["http://a/1", "http://b/2", "http://c/3"], ordered())
        let tokens = run.beginAll()
        try run.finishFetch(tokens[2], #""status":200,"fields":{}"#)
        try run.finishFetch(tokens[0], #""status":503,"fields":{}"#)
        try run.finishFetch(tokens[1], #""status":200,"fields":{}"#)
        #expect(run.records() == [])
        run.now = run.now + PoolTime.Milliseconds(60_000)
        try run.finishFetch(try #require(run.beginAll().first), #""status":200,"fields":{}"#)
        #expect(ids(run.records()) == [1, 2, 3])
    }

    @Test func aTaskThatDoesNotEndHoldsTheInputBack() throws {
        let count = RecordWindow.mostTasks + 100
        let run = StageScript((1...count).map { "http://h/\($0)" }, ordered())
        let tokens = run.beginAll()
        #expect(tokens.count == RecordWindow.mostTasks)
        for token in tokens.dropFirst() { try run.finishFetch(token, #""status":200,"fields":{}"#) }
        #expect(run.beginAll() == [])
        try run.finishFetch(tokens[0], #""status":200,"fields":{}"#)
        #expect(run.beginAll().count == 100)
        #expect(ids(run.records()) == Array(1...RecordWindow.mostTasks))
    }

    /// The records of later tasks fill the window (`RecordWindow`), and then the first task fails once.
    ///
    /// The window stays full while the first task waits for its retry.
    @Test func onlyTheFirstTaskBeginsWhileTheWindowIsFull() throws {
        let lines = (1...100).map { "http://h\($0)/\($0)" } + (101...103).map { "http://z/\($0)" }
        let run = StageScript(lines, ordered { $0.perHost = 1 })
        let tokens = run.beginAll()
        try #require(tokens.count == 101)
        for token in tokens.dropFirst().dropLast() { try run.finishFetch(token, Self.large) }
        try run.finishFetch(tokens[0], #""status":503,"fields":{}"#)
        #expect(isWindowFull(run))
        try run.finishFetch(tokens[100], #""status":200,"fields":{}"#)
        #expect(run.beginAll() == [], "while the window is full, no further task of the host z begins")
        run.now = run.now + PoolTime.Milliseconds(60_000)
        let again = run.beginAll()
        try #require(again.count == 1)
        let ordinal = run.context.state.items.task(again[0]).ordinal
        #expect(ordinal == 1)
        try run.finishFetch(again[0], #""status":200,"fields":{}"#)
        #expect(ids(run.records()) == Array(1...101))
        #expect(run.beginAll().count == 1)
    }

    @Test func theFirstTaskIsFetchedAndProcessedThoughTheSpoolIsFull() throws {
        let settings = ordered { ($0.processing, $0.spoolLimit) = (.bundled("text"), 1 << 20) }
        let run = StageScript((1...200).map { "http://h\($0)/" }, settings)
        let stage = try #require(run.processing)
        let tokens = run.beginAll()
        try #require(tokens.count == 200)
        for (index, token) in tokens.enumerated().dropFirst() {
            try run.finishWithBody(token, at: index << 16, bytes: 64 << 10)
        }
        try run.finishFetch(tokens[0], #""status":503,"fields":{}"#)
        while !isWindowFull(run), let task = stage.nextTask() {
            try run.finishProcessing(task.token, #""result":"\#(String(repeating: "x", count: 1 << 20))""#)
        }
        #expect(isWindowFull(run))
        #expect(!stage.isEmpty)
        #expect(stage.nextTask() == nil)
        run.now = run.now + PoolTime.Milliseconds(60_000)
        let again = run.beginAll()
        try #require(again.count == 1)
        try run.finishWithBody(again[0], bytes: 100)
        let next = try #require(stage.nextTask())
        #expect(next.token == again[0])
        #expect(stage.nextTask() == nil)
        try run.finishProcessing(next.token, #""result":1"#)
        #expect(!isWindowFull(run))
        #expect(stage.nextTask() != nil)
    }

    /// Returns a run with a full window; the first task is in flight, and responses of other tasks wait to be
    /// processed.
    private func fullWindow() throws -> (run: StageScript, stage: ProcessStage) {
        let run = StageScript(
            (1...100).map { "http://h\($0)/" },
            ordered { $0.processing = .bundled("text") }
        )
        let stage = try #require(run.processing)
        let tokens = run.beginAll()
        try #require(tokens.count == 100)
        for token in tokens.dropFirst() { try run.finishWithBody(token, bytes: 100) }
        while !isWindowFull(run), let task = stage.nextTask() {
            try run.finishProcessing(task.token, #""result":"\#(String(repeating: "x", count: 1 << 20))""#)
        }
        #expect(isWindowFull(run) && stage.waitingCount > 10)
        #expect(stage.nextTask() == nil)
        return (run, stage)
    }

    @Test func theWaitingResponsesAreProcessedThoughTheWindowIsFullIfTheRunEnds() throws {
        let (run, stage) = try fullWindow()
        run.isEnding = true
        while let task = stage.nextTask() { try run.finishProcessing(task.token, #""result":1"#) }
        #expect(stage.isEmpty)
    }

    @Test func theWaitingResponsesAreProcessedThoughTheWindowIsFullIfTheFileSystemIsFull() throws {
        let (run, stage) = try fullWindow()
        run.fetching.noted(.beat(Beat(isSpoolFull: true)), of: .sample)
        #expect(stage.nextTask() != nil)
        run.fetching.noted(.beat(Beat()), of: .sample)
        #expect(stage.nextTask() == nil)
        run.fetching.noted(.beat(Beat(isSpoolFull: true)), of: .sample)
        #expect(stage.nextTask() != nil)
        run.fetching.noted(.ended(WorkerExit()), of: .sample)
        #expect(stage.nextTask() == nil, "an ended worker no longer makes the file system count as full")
    }

    @Test func theRecordsOfACancelledRunLeaveInOrderThoughSomeAreMissing() throws {
        let run = StageScript((1...5).map { "http://h/\($0)" }, ordered())
        let tokens = run.beginAll()
        try run.finishFetch(tokens[3], #""status":200,"fields":{}"#)
        try run.finishFetch(tokens[1], #""status":200,"fields":{}"#)
        #expect(run.records() == [])
        run.context.state.sink.endOrder()
        #expect(ids(run.records()) == [2, 4])
    }
}
