// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of records of earlier runs as input.
@Suite(.ownThread)
struct RecordInputTests {
    private let folder = TestFolder()

    private func record(_ id: String, _ url: String?, _ outcome: String, _ more: String = "") -> String {
        let url = url.map { #","url":"\#($0)""# } ?? ""
        return #"{"v":1,"id":\#(id)\#(url),"outcome":"\#(outcome)","status":500\#(more)}"# + "\n"
    }

    private var records: String {
        record("1", "data:,1", "ok") + record("2", "data:,2", "http_error", #","meta":{"a":[1, 2]}"#)
            + record("\"x\"", "data:,x", "timeout") + record("3", "data:,3", "cancelled")
            + record("4", nil, "invalid") + record("5", "data:,5", "skipped") + "\n"
            // These records replace earlier records: the task 1 has failed, and the task x is ok.
            + record("1", "data:,1", "worker_crash") + record("\"\\u0078\"", "data:,x", "ok")
    }

    private func run(_ arguments: [String], input: [UInt8] = []) throws -> RunningProgram.Finished {
        try RunningProgram(
            "fetchpool",
            ["-q", "-w", "1", "--ordered", "--input-format", "records"] + arguments
        ).finish(input)
    }

    @Test(arguments: [
        ("failed", ["2", "3", "1"]), ("ok", ["x"]), ("ok,skipped", ["5", "x"]),
        ("http_error,cancelled", ["2", "3"]),
        ("invalid", ["4"]), ("blocked", []),
    ])
    func theLastRecordOfEachIDIsChosenByItsOutcome(only: String, ids: [String]) throws {
        let file = try folder.write(records, to: "records")
        #expect(try run(["-i", file, "--only", only]).records.map(\.id) == ids)
    }

    @Test func aTaskHasTheIDTheURLAndTheMetaOfItsRecord() throws {
        let file = try folder.write(records, to: "records")
        let lines = try run(["-i", file, "--only", "http_error"]).lines
        try #require(lines.count == 1)
        #expect(lines[0].hasPrefix(#"{"v":1,"id":2,"url":"data:,2","outcome":"ok","status":200"#))
        #expect(lines[0].hasSuffix(#""meta":{"a":[1, 2]}}"#))
        let all = try run(["-i", file]).records
        #expect(all.map(\.id) == ["2", "3", "4", "5", "1", "x"])
        #expect(all[2].outcome == "invalid")
    }

    @Test func theLastRecordOfAnIDCountsAcrossAllInputs() throws {
        let first = try folder.write(
            Compressed.gzip(Array(record("1", "data:,1", "timeout").utf8)),
            to: "first.gz"
        )
        let second = Array((record("1", "data:,1", "ok") + record("2", "data:,2", "timeout")).utf8)
        let inputs = ["-i", first, "-i", "-", "--only", "failed"]
        #expect(try run(inputs, input: second).records.map(\.id) == ["2"])
        #expect(try run(inputs, input: Compressed.zstd(second)).records.map(\.id) == ["2"])
        #expect(try run(inputs).records.map(\.id) == ["1"])
    }

    @Test func aPipeIsCopiedToTheUsualFolderIfTMPDIRIsEmpty() throws {
        // A program gets the TMPDIR of the tests, if there is one. Here env(1) makes TMPDIR empty.
        let program = ["TMPDIR=", BuiltPrograms.path("fetchpool")]
        let arguments = ["-q", "--input-format", "records", "-i", "-"]
        let running = try RunningProgram("/usr/bin/env", program + arguments)
        try running.send(record("1", "data:,1", "timeout"))
        let deadline = ContinuousClock.now + .seconds(60)
        while copies(of: running).isEmpty, ContinuousClock.now < deadline { usleep(10_000) }
        let copies = copies(of: running)
        #expect(copies.count == 1 && copies.allSatisfy { $0.hasPrefix("/tmp/fetchpool-") }, "\(copies)")
        #expect(try running.finish().end == .status(0))
    }

    /// Returns the former path of each deleted file that a program has open, followed by ` (deleted)`.
    ///
    /// Paths without `/fetchpool-` are left out.
    private func copies(of running: RunningProgram) -> [String] {
        let folder = "/proc/\(running.pid)/fd/"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let files = names.compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: folder + $0)
        }
        return files.filter { $0.hasSuffix(" (deleted)") && $0.contains("/fetchpool-") }
    }

    @Test func oneFileCanBeBothInputAndOutput() throws {
        let out = folder.file("out")
        let list = try folder.write("data:,1\nno url\nhttp://127.0.0.1:1/\n", to: "list")
        let first = try RunningProgram.run("fetchpool", ["-q", "--retries", "0", "-i", list, "-o", out])
        #expect(first.end == .status(1))
        _ = try run(["--retries", "0", "-i", out, "-o", out, "--only", "failed"])
        let ids = try folder.read("out").split(separator: "\n").map { try Record(String($0)).id }
        #expect(ids.count == 4 && ids.last == "3")
    }

    @Test func theLineOfARecordIsNotTheLineOfItsTask() throws {
        // The record of task 1 is in line 2 of the file, and the record of task 2 is not chosen.
        let text = record("2", nil, "invalid") + record("1", "data:,1", "timeout")
        let file = try folder.write(text, to: "records")
        let stats = folder.file("stats")
        let options = ["-i", file, "--only", "failed", "-o", file, "--retry-failed", "--stats", stats]
        #expect(try run(options).end == .status(1))
        #expect(try folder.read("stats").contains(#""outcomes":{"ok":1,"invalid":1}"#))
    }

    @Test func aPostIsNotRepeatedButTheFailedTaskBesideItIs() throws {
        let file = try folder.write(
            record("1", "data:,1", "ok") + record("2", "data:,2", "timeout")
                + record("3", "http://127.0.0.1:1/x", "timeout").replacing(
                    #""outcome""#,
                    with: #""method":"POST","outcome""#
                )
                // Such records are written for lines without a URL.
                + record("4", nil, "invalid") + #"{"v":1,"id":5,"method":"POST","outcome":"invalid"}"# + "\n",
            to: "records"
        )
        let arguments = ["-i", file, "--only", "failed", "-o", file, "--retry-failed"]
        let finished = try run(arguments)
        #expect(finished.end == .status(1), "\(finished.errors)")
        let records = try folder.read("records").split(separator: "\n").map { try Record(String($0)) }
        #expect(records.map(\.id) == ["1", "2", "3", "4", "5", "2", "3"])
        #expect(records.dropFirst(5).map(\.outcome) == ["ok", "invalid"])
        _ = try run(arguments)
        #expect(try folder.read("records").split(separator: "\n").count == 7)
        let resumed = try run(["-i", file, "-o", folder.file("new"), "--resume"])
        #expect(resumed.end == .status(1), "\(resumed.errors)")
    }

    @Test func anIncompleteRecordIsPassedOver() throws {
        let file = try folder.write(record("1", "data:,1", "timeout") + #"{"v":1,"id":2,"u"#, to: "records")
        #expect(try run(["-i", file]).records.map(\.id) == ["1"])
    }

    @Test(arguments: ["http://a/\n", "{\"url\":\"http://a/\"}\n", "[]\n", "{\"id\":1,\"outcome\":\"no\"}\n"])
    func aLineThatIsNoRecordEndsTheRunBeforeAnyTask(line: String) throws {
        let file = try folder.write(record("1", "data:,1", "ok") + line, to: "records")
        let finished = try run(["-i", file])
        #expect(finished.end == .status(3))
        #expect(finished.output == "")
        #expect(
            finished.errors.contains(
                "cannot read \(file): line 2 is not a record; name an output of fetchpool"
            )
        )
    }

    @Test(arguments: [
        (
            ["--only", "failed"],
            "--only chooses records of an earlier run; give --input-format records with it"
        ),
        (
            ["--input-format", "records", "--only", "failed,fail"],
            "no record has the outcome 'fail'; choose from failed,ok,"
        ),
        (["--supervised", "--only", "ok", "--input-format", "records"], "has no effect with --supervised"),
        (["--input-format", "records", "data:,a"], "--input-format concerns no URL of the command line"),
        (["--url-column", "x"], "--url-column names a column of a table, and no input is a table"),
        (
            ["--input-format", "records", "--id-column", "x", "-i", "a.csv"],
            "--id-column names a column of a table"
        ),
    ])
    func optionsWithoutEffectAreRefused(arguments: [String], says: String) throws {
        let finished = try RunningProgram.run("fetchpool", arguments)
        #expect(finished.end == .status(2))
        #expect(finished.errors.contains(says), "\(finished.errors)")
    }

    @Test func recordsThatAreReadAsTasksGetOneMessage() throws {
        let file = try folder.write(
            record("1", "data:,1", "ok") + record("2", "data:,2", "ok"),
            to: "records"
        )
        let finished = try RunningProgram.run("fetchpool", ["-w", "1", "-i", file])
        #expect(try finished.records.sortedIDs == [1, 2])
        #expect(finished.errors.contains("line 1 is a record of an earlier run"))
        #expect(finished.errors.components(separatedBy: "--input-format records").count == 2)
    }
}
