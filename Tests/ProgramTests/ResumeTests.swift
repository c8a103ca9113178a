// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of runs that go on where the records of an earlier run end.
@Suite(.ownThread)
struct ResumeTests {
    private let folder = TestFolder()

    private func run(_ arguments: [String]) throws -> RunningProgram.Finished {
        try RunningProgram.run("fetchpool", arguments + ["-o", folder.file("out")])
    }

    /// Returns the records of the output file.
    private func records() throws -> [Record] {
        try folder.read("out").split(separator: "\n").map { try Record(String($0)) }
    }

    /// Writes a list with one page for each number, and returns the path of the list.
    private func pages(_ numbers: ClosedRange<Int>, _ name: String = "list") throws -> String {
        let lines = numbers.map { "data:text/html,<title>page \($0)</title>\n" }
        return try folder.write(lines.joined(), to: name)
    }

    /// The number of times that the run is killed: 60, or the value of the environment variable
    /// `FETCHPOOL_KILLS`.
    private static let kills =
        ProcessInfo.processInfo.environment["FETCHPOOL_KILLS"].flatMap { Int($0) } ?? 60

    @Test(.ownThread(isFirst: true)) func aRunThatIsKilledManyTimesWritesOneRecordForEachTask() throws {
        let server = try FixtureServer()
        let count = 60 * Self.kills
        let list = try folder.write((1...count).map { "\(server.base)/get?\($0)\n" }.joined(), to: "list")
        let arguments = ["-q", "-p", "json", "-i", list, "-o", folder.file("out"), "--resume"]
        var sizes = [0]
        for number in 0..<Self.kills {
            // Because of the rate, the run does not end before it is killed.
            let running = try RunningProgram("fetchpool", arguments + ["-w", "2", "--rate", "1000/s"])
            // Each fourth run is killed within 40 ms of its start, often while it reads the output. The other
            // runs are killed after they have written records.
            if number % 4 != 0 { waitUntilOutput(hasMoreThan: sizes[sizes.count - 1]) }
            usleep(.random(in: 0...40_000))
            running.signal(SIGKILL)
            _ = try running.waitForEnd()
            sizes.append(outputSize)
        }
        #expect(Set(sizes).count > Self.kills / 2, "the output had the same size after many kills")
        #expect(try run(["-q", "-p", "json", "-i", list, "--resume"]).end == .status(0))
        let records = try records()
        #expect(records.count == count)
        #expect(Set(records.map(\.id)) == Set((1...count).map(String.init)))
        #expect(records.outcomes == ["ok": count])
    }

    /// The size of the output file in bytes; 0 if there is no file.
    private var outputSize: Int {
        (try? FileManager.default.attributesOfItem(atPath: folder.file("out"))[.size] as? Int) ?? 0
    }

    private func waitUntilOutput(hasMoreThan bytes: Int) {
        let deadline = ContinuousClock.now + .seconds(60)
        while outputSize <= bytes, ContinuousClock.now < deadline { usleep(1_000) }
    }

    @Test func retryFailedReplacesOnlyTheRecordsOfFailedFetches() throws {
        let server = try FixtureServer()
        let list = try folder.write(
            "\(server.base)/get\n\(server.base)/flaky/1/r\nno url\n\(server.base)/status/404\n",
            to: "list"
        )
        let stats = folder.file("stats")
        #expect(try run(["-q", "-i", list, "--retries", "0"]).end == .status(1))
        #expect(
            try records().compactMap(\.outcome).sorted() == ["http_error", "http_error", "invalid", "ok"]
        )
        let resumed = try run(["-i", list, "--resume", "--stats", stats])
        #expect(resumed.end == .status(1), "the exit status does not show the failures of the earlier run")
        #expect(resumed.errors.contains("0 records in "))
        #expect(resumed.errors.contains("4 tasks: 1 ok, 2 http_error, 1 invalid"))
        #expect(try folder.read("stats").contains(#""records":4,"resumed":4,"#))
        #expect(try records().count == 4)
        let again = try run(["-i", list, "--retry-failed", "--stats", stats])
        #expect(again.errors.contains("2 records in "))
        #expect(try records().count == 6)
        #expect(Set(try records().suffix(2).map(\.id)) == ["2", "4"])
        #expect(try records().suffix(2).compactMap(\.outcome).sorted() == ["http_error", "ok"])
        let text = try folder.read("stats")
        #expect(text.contains(#""records":4,"resumed":2,"#))
        #expect(text.contains(#""outcomes":{"ok":2,"http_error":1,"invalid":1}"#))
        #expect(text.contains(#""errors":{"http_status":1,"scheme":1}"#))
    }

    @Test func anotherURLUnderTheSameIDIsRefusedWithBothLines() throws {
        #expect(try run(["-q", "-i", pages(1...3)]).end == .status(0))
        let before = try folder.read("out")
        let finished = try run(["-q", "--resume", "-i", pages(2...4, "other")])
        #expect(finished.end == .status(3))
        #expect(
            finished.errors.contains(
                "line 1 of the input has the id 1 and the URL data:text/html,<title>page 2"
            )
        )
        #expect(
            finished.errors.contains(
                " of --output '\(folder.file("out"))' has the URL data:text/html,<title>page 1"
            )
        )
        #expect(try folder.read("out") == before)
    }

    @Test func aRepeatedLineUnderTheIDOfAnotherURLIsRefusedWithItsURL() throws {
        #expect(try run(["-q", "-i", pages(1...2)]).end == .status(0))
        let line = "data:text/html,<title>page 1</title>\n"
        let list = try folder.write(line + line, to: "same")
        let finished = try run(["-q", "--resume", "--dedupe", "-i", list])
        #expect(finished.end == .status(3))
        #expect(
            finished.errors.contains(
                "line 2 of the input has the id 2 and the URL data:text/html,<title>page 1"
            )
        )
    }

    /// The second line has no readable id, so the id of its record is the line number, 2.
    ///
    /// One of the other two lines has the id 2.
    @Test(arguments: [[0, 1, 2], [2, 1, 0]])
    func aLineWithoutAReadableIDIsNotTakenForTheTaskWithItsNumber(ids: [Int]) throws {
        let server = try FixtureServer()
        let lines = ids.map { id in
            Array(#"{"id":\#(id),"url":"\#(server.base)/get","meta":""#.utf8) + (id == 1 ? [0xE9] : [0x65])
                + Array("\"}\n".utf8)
        }
        let list = try folder.write(lines.flatMap { $0 }, to: "list")
        let options = ["-q", "-i", list, "--resume", "--stats", folder.file("stats")]
        for _ in 1...3 {
            let finished = try run(options)
            #expect(finished.end == .status(1), "\(finished.errors)")
            #expect(try folder.read("stats").contains(#""outcomes":{"ok":2,"invalid":1}"#))
            #expect(try records().map(\.id).sorted() == ["0", "2", "2"])
        }
        // The output is cut as if a killed run had written only some of the records.
        let whole = try folder.read("out").split(separator: "\n")
        for kept in [whole.filter { $0.contains("invalid") }, whole.filter { !$0.contains("invalid") }] {
            try folder.write(kept.map { $0 + "\n" }.joined(), to: "out")
            for _ in 1...2 {
                #expect(try run(options).end == .status(1))
                #expect(try folder.read("stats").contains(#""outcomes":{"ok":2,"invalid":1}"#))
                #expect(try records().map(\.id).sorted() == ["0", "2", "2"])
            }
        }
    }

    @Test func aCorrectedLineThatNowBelongsToAnotherPartIsNoLongerInvalid() throws {
        func runParts(_ second: String) throws -> [RunningProgram.End] {
            let list = try folder.write("data:,a\n\(second)\ndata:,c\n", to: "list")
            return try (1...2).map { part in
                let options = ["-q", "-i", list, "--shard", "\(part)/2", "-o", folder.file("part\(part)")]
                return try RunningProgram.run("fetchpool", options + ["--resume"]).end
            }
        }
        #expect(try runParts("no url") == [.status(1), .status(0)])
        #expect(try runParts("data:,b") == [.status(0), .status(0)])
        #expect(try folder.read("part1").contains(#""outcome":"invalid""#))
        #expect(try folder.read("part2").contains(#""id":2,"url":"data:,b","outcome":"ok""#))
    }

    /// True if this system can forbid changes of a file except at its end.
    private static let hasAppendOnlyFiles = OwnThread.forCondition {
        let folder = TestFolder()
        guard let file = try? folder.write("", to: "file"), change("+a", of: file) else { return false }
        return change("-a", of: file)
    }

    private static func change(_ attribute: String, of file: String) -> Bool {
        let finished = try? RunningProgram.run("/usr/bin/env", ["chattr", attribute, file])
        return finished?.end == .status(0)
    }

    @Test(.enabled(if: hasAppendOnlyFiles, "no file can be made append-only"))
    func anAppendOnlyOutputIsResumed() throws {
        #expect(try run(["-q", "-i", pages(1...3)]).end == .status(0))
        let out = folder.file("out")
        // The last record has no line feed.
        try folder.write(String(folder.read("out").dropLast()), to: "out")
        #expect(Self.change("+a", of: out))
        let finished = try run(["-q", "--resume", "-i", pages(1...5)])
        #expect(Self.change("-a", of: out))
        #expect(finished.end == .status(0), "\(finished.errors)")
        #expect(try records().map(\.id).sorted() == ["1", "2", "3", "4", "5"])
    }

    @Test func linesThatWereAddedToTheInputAreFetched() throws {
        #expect(try run(["-q", "-i", pages(1...3)]).end == .status(0))
        let finished = try run(["--resume", "-i", pages(1...5)])
        #expect(finished.end == .status(0))
        #expect(
            finished.errors.hasPrefix("fetchpool: resuming; the output has records of 3 tasks\n2 records in ")
        )
        #expect(try records().map(\.id).sorted() == ["1", "2", "3", "4", "5"])
    }

    @Test func idsOfTheUserAreFoundAgain() throws {
        let lines = [
            #"{"url":"data:,a","id":"ä"}"#, #"{"id":-4,"url":"data:,b"}"#,
            #"{"id":"\u00e4/","url":"data:,c"}"#,
        ]
        let list = try folder.write(lines.prefix(2).joined(separator: "\n"), to: "list")
        #expect(try run(["-q", "-i", list]).end == .status(0))
        let same = [#"{"id":"\u00e4","url":"data:,a"}"#, #"{"url":"data:,b","id":-4}"#, lines[2]]
        let other = try folder.write(same.joined(separator: "\n"), to: "other")
        #expect(try run(["-q", "-i", other, "--resume"]).end == .status(0))
        #expect(try folder.read("out").split(separator: "\n").count == 3)
    }

    @Test func aSecondRunOnTheSameOutputIsRefused() throws {
        let running = try RunningProgram("fetchpool", ["-q", "-o", folder.file("out")])
        try running.send("data:,x")
        let deadline = ContinuousClock.now + .seconds(60)
        while try !folder.names.contains("out") || folder.read("out").isEmpty, ContinuousClock.now < deadline
        {
            usleep(10_000)
        }
        for more in [[], ["--resume"]] {
            let second = try run(["-q", "data:,y"] + more)
            #expect(second.end == .status(3))
            #expect(second.errors.contains("another run writes to this file"))
        }
        #expect(try running.finish().end == .status(0))
        #expect(try run(["-q", "data:,y"]).end == .status(0))
        #expect(try records().count == 2)
    }

    @Test func aRunWithFsyncWritesAllRecords() throws {
        let list = try pages(1...50)
        #expect(try run(["-q", "-i", list, "--fsync"]).end == .status(0))
        #expect(try records().count == 50)
    }

    @Test(arguments: [
        (["--resume"], "--resume needs --output FILE"),
        (["--retry-failed", "-o", "-"], "--retry-failed needs --output"),
        (["--fsync"], "--fsync needs --output FILE"),
        (["--resume", "--supervised"], "--resume has no effect with --supervised; give it to the parent"),
    ])
    func optionsForTheOutputNeedAFile(arguments: [String], says: String) throws {
        let finished = try RunningProgram.run("fetchpool", arguments)
        #expect(finished.end == .status(2))
        #expect(finished.errors.contains(says), "\(finished.errors)")
    }

    @Test func aCompressedOutputIsRefusedAndNotChanged() throws {
        for (format, bytes) in [("gzip", Compressed.gzip([0x0A])), ("zstd", Compressed.zstd([0x0A]))] {
            try folder.write(bytes, to: "out")
            let finished = try run(["-q", "--resume", "data:,x"])
            #expect(finished.end == .status(3))
            #expect(finished.errors.contains("is compressed with \(format); unpack it first"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("out"))) == Data(bytes))
        }
    }

    @Test(arguments: ["--resume", "--fsync"])
    func outputsThatAreNoRegularFilesAreRefused(option: String) throws {
        let pipe = folder.file("pipe")
        let made = unsafe mkfifo(pipe, 0o600)
        #expect(made == 0)
        for name in ["/dev/null", pipe, folder.path] {
            let finished = try RunningProgram.run("fetchpool", [option, "-o", name, "data:,x"])
            #expect(finished.end == .status(3))
            #expect(finished.errors.contains("'\(name)' is not a regular file, which \(option) needs"))
        }
    }
}
