// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import Platform
import PoolWire
import ProcessPool
import TestFolders
import TestThreads
import Testing

@testable import FetchRun

@Suite(.ownThread)
struct InputThreadTests {
    private let folder = TestFolder()

    /// Runs an input thread to its end; returns the messages in the form of `InputBatch.described`, and the
    /// first failure if there is one.
    private func read(
        _ urls: [String] = [],
        _ sources: [InputThread.Source],
        defaultScheme: TargetURL.Scheme? = nil,
        records: RecordChoice? = nil
    ) -> (lines: [String], failure: RunError?) {
        let queue = InputQueue.forInput()
        InputThread(
            urls: urls,
            sources: sources,
            defaultScheme: defaultScheme,
            records: records,
            into: queue,
            wake: WakePipe()
        ).start()
        var lines: [String] = []
        var failure: RunError?
        while let batch = queue.popWaiting() {
            failure = failure ?? batch.failure
            lines += batch.described
        }
        return (lines, failure)
    }

    private func source(_ name: String, _ text: String) throws -> InputThread.Source {
        try InputThread.Source.open(try folder.write(text, to: name))
    }

    /// `EarlierRecords` reads all inputs twice.
    ///
    /// Meanwhile the run appends its records to its output, and the output can also be one of the inputs.
    @Test func recordsThatAreAppendedBetweenTheReadingsAreLeftOut() throws {
        let line = { (id: Int) in #"{"v":1,"id":\#(id),"outcome":"timeout","url":"http://a/\#(id)"}"# }
        var earlier = EarlierRecords(RecordChoice(), defaultScheme: nil)
        let sources = [try source("output", line(1) + "\n"), try source("other", line(2) + "\n" + line(3))]
        _ = try earlier.read(sources)
        func isTask(_ id: Int) -> Bool {
            let bytes = Array(line(id).utf8)
            return earlier.task(of: bytes.span, ordinal: id) != nil
        }
        earlier.beginInput()
        #expect(isTask(1))
        #expect(!isTask(4) && !isTask(5))
        earlier.beginInput()
        #expect(isTask(2) && isTask(3))
        #expect(!isTask(6))
    }

    @Test func lineNumbersCountTheURLsAndThenEachLineOfAllInputs() throws {
        let sources = [
            try source("a", "\nhttp://a/\n# none\n"), try source("empty", ""),
            try source("b", "http://b/\n   \n{\"url\":\"http://c/\"}\n"),
        ]
        let lines = read(["http://x/", "#", "http://y/"], sources).lines
        #expect(
            lines == [
                #"1 {"url":"http://x/"}"#, #"3 {"url":"http://y/"}"#, #"5 {"url":"http://a/"}"#,
                #"7 {"url":"http://b/"}"#, #"9 {"url":"http://c/"}"#,
            ]
        )
    }

    @Test(
        arguments: [
            ("\u{FEFF}http://a/\n", [#"1 {"url":"http://a/"}"#]),
            ("http://a/\r\nhttp://b/\r\n", [#"1 {"url":"http://a/"}"#, #"2 {"url":"http://b/"}"#]),
            ("http://a/\nhttp://b/", [#"1 {"url":"http://a/"}"#, #"2 {"url":"http://b/"}"#]),
            ("http://a/\r", [#"1 {"url":"http://a/"}"#]),
            ("\r\n\r\n", []),
        ]
    )
    func byteOrderMarksAndLineEndsAreNotPartOfAURL(
        text: String,
        expected: [String]
    ) throws {
        #expect(read([], [try source("a", text)]).lines == expected)
    }

    @Test func theLastLineOfAnInputIsNotJoinedWithTheFirstLineOfTheNextInput() throws {
        let sources = [try source("a", "http://a/"), try source("b", "\u{FEFF}http://b/")]
        #expect(read([], sources).lines == [#"1 {"url":"http://a/"}"#, #"2 {"url":"http://b/"}"#])
    }

    @Test func aRecordInTheInputBecomesATaskExceptTheRecordOfAPOST() throws {
        let records =
            "\u{FEFF}" + #"{"v":1,"id":1,"url":"http://a/","method":"POST","outcome":"timeout"}"# + "\n"
            + #"{"v":1,"id":2,"url":"b.example/","outcome":"invalid"}"# + "\n"
        let lines = read([], [try source("a", records)], defaultScheme: .https, records: RecordChoice()).lines
        #expect(lines == ["1 json", #"2 {"id":2,"url":"https://b.example/"}"#])
    }

    @Test func theSameIDInTwoListsBelongsToTwoTasks() throws {
        func record(_ id: Int, _ url: String, _ outcome: String) -> String {
            #"{"v":1,"id":\#(id),"url":"\#(url)","outcome":"\#(outcome)"}"# + "\n"
        }
        let files = [
            (
                "a",
                record(1, "http://a/1", "timeout") + record(2, "a", "invalid") + record(2, "http://a/2", "ok")
            ),
            ("b", record(1, "http://b/1", "ok") + record(2, "b", "invalid") + record(1, "http://a/1", "ok")),
        ]
        func lines(_ outcomes: Set<Outcome>?) -> [String] {
            let sources = ["a", "b"].compactMap { try? InputThread.Source.open(folder.file($0)) }
            return read([], sources, defaultScheme: .http, records: RecordChoice(outcomes)).lines
        }
        for (name, records) in files { _ = try folder.write(records, to: name) }
        #expect(
            lines(nil) == [
                #"3 {"id":2,"url":"http://a/2"}"#, #"4 {"id":1,"url":"http://b/1"}"#,
                #"5 {"id":2,"url":"http://b"}"#,
                #"6 {"id":1,"url":"http://a/1"}"#,
            ]
        )
        #expect(lines([.timeout]) == [])
        #expect(lines([.invalid]) == [#"5 {"id":2,"url":"http://b"}"#])
    }

    @Test func metaThatARecordHoldsAsAStringBecomesJSONIfStringsAreExpected() throws {
        let texts = [#""{\"a\":[1]}""#, #""\"x\"""#, #""1e400""#]
        #expect(try metas([texts], holdsTexts: true) == [#"{"a":[1]}"#, #""x""#, "1e400"])
        #expect(try metas([texts], holdsTexts: false) == texts)
    }

    @Test func metaOfAnInputThatWasWrittenWithoutValuesTextStaysAsItIs() throws {
        let codes = [#""12345""#, #""true""#]
        for sign in [#""no JSON""#, #"{"a":"1"}"#, "7", "null"] {
            let all = try metas([codes, codes + [sign], codes], holdsTexts: true)
            #expect(all == ["12345", "true"] + codes + [sign] + ["12345", "true"])
        }
        #expect(try metas([codes], ids: ["7", "\"8\""], holdsTexts: true) == codes)
        #expect(try metas([codes], results: ["{}"], holdsTexts: true) == codes)
        #expect(try metas([codes], results: ["\"{}\""], holdsTexts: true) == ["12345", "true"])
    }

    /// Returns the members `meta` of the tasks that the thread makes from records.
    ///
    /// Each element of `inputs` has the members `meta` of the records in one input. `ids` and `results` are
    /// the ids and results of the first records of each input. Each further record has an id that is a
    /// string, and no result. `holdsTexts` is `RecordChoice.holdsTexts`.
    private func metas(
        _ inputs: [[String]],
        ids: [String] = [],
        results: [String] = [],
        holdsTexts: Bool
    ) throws -> [String] {
        var choice = RecordChoice()
        choice.holdsTexts = holdsTexts
        var sources: [InputThread.Source] = []
        for (input, metas) in inputs.enumerated() {
            let records = metas.enumerated().map { number, meta in
                let id = number < ids.count ? ids[number] : #""\#(input).\#(number)""#
                let result = number < results.count ? #","result":\#(results[number])"# : ""
                return #"{"v":1,"id":\#(id),"url":"http://a/","outcome":"ok"\#(result),"meta":\#(meta)}"#
            }
            sources.append(try source("records\(input)", records.joined(separator: "\n")))
        }
        return read([], sources, records: choice).lines.map { line in
            line.range(of: #""meta":"#).map { String(line[$0.upperBound...].dropLast()) } ?? line
        }
    }

    @Test func aLineOverTheLimitFailsAlone() throws {
        var bytes = Array("http://a/\n".utf8)
        bytes += [UInt8](repeating: UInt8(ascii: "x"), count: WireLimits.maxInputLineBytes + 2) + [0x0A]
        bytes += Array("http://b/\n".utf8)
        let source = try InputThread.Source.open(try folder.write(bytes, to: "long"))
        let lines = read([], [source]).lines
        #expect(lines == [#"1 {"url":"http://a/"}"#, "2 line_too_long", #"3 {"url":"http://b/"}"#])
    }

    @Test func aLineCanBeSplitOverSeveralReads() throws {
        let urls = (1...9_000).map { "http://host/\($0)/\(String(repeating: "p", count: $0 % 97))" }
        let source = try source("many", urls.joined(separator: "\n"))
        let lines = read([], [source]).lines
        #expect(lines == urls.enumerated().map { #"\#($0 + 1) {"url":"\#($1)"}"# })
    }

    @Test(arguments: ["missing", "."])
    func theErrorForAnInputThatCannotBeOpenedNamesTheInput(name: String) {
        let path = folder.file(name)
        let error = #expect(throws: RunError.self) { try InputThread.Source.open(path) }
        #expect(error?.description.hasPrefix("cannot read --input '\(path)': ") == true)
        #expect(error?.exitStatus == 3)
    }

    @Test func aReadErrorComesAfterTheEarlierLines() throws {
        let descriptor = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
        let broken = InputThread.Source(name: "broken", descriptor: descriptor)
        let (lines, failure) = read([], [try source("a", "http://a/"), broken])
        #expect(lines == [#"1 {"url":"http://a/"}"#])
        #expect(failure?.description.hasPrefix("cannot read broken: ") == true)
    }

    @Test func afterAFailureNoFurtherInputIsRead() throws {
        let pipe = folder.file("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        let missing = try InputThread.Source.open(pipe)
        #expect(unsafe unlink(pipe) == 0)
        let descriptor = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
        for failing in [missing, InputThread.Source(name: "broken", descriptor: descriptor)] {
            let (lines, failure) = read([], [failing, try source("a", "http://a/")])
            #expect(lines == [])
            #expect(failure?.description.hasPrefix("cannot read ") == true)
        }
    }

    @Test func theThreadOpensANamedPipeOnlyAfterTheEarlierInputs() throws {
        let path = folder.file("pipe")
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let sources = [try source("a", "http://a/"), try InputThread.Source.open(path)]
        let queue = InputQueue.forInput()
        InputThread(urls: [], sources: sources, into: queue, wake: WakePipe()).start()
        #expect(queue.popWaiting()?.described == [#"1 {"url":"http://a/"}"#])
        let writer = unsafe open(path, O_WRONLY | O_CLOEXEC)
        #expect(unsafe Glibc.write(writer, "http://b/", 9) == 9)
        close(writer)
        #expect(queue.popWaiting()?.described == [#"2 {"url":"http://b/"}"#])
        #expect(queue.popWaiting() == nil)
    }

    @Test func theThreadWakesTheRunAfterItHasReadALine() throws {
        let (queue, wake) = (InputQueue.forInput(), WakePipe())
        InputThread(urls: ["http://a/"], sources: [], into: queue, wake: wake).start()
        var entry = pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0)
        #expect(unsafe poll(&entry, 1, -1) == 1)
        #expect(queue.pop() != nil)
    }
}
