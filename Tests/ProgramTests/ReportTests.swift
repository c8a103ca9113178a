// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of `--report` and of `fetchpool report`.
@Suite(.ownThread)
struct ReportTests {
    private let folder = TestFolder()

    private func headline(_ name: String) throws -> String? {
        try folder.read(name).firstMatch(of: /<h1>(.*)<\/h1>/).map { String($0.output.1) }
    }

    private func run(_ arguments: String...) throws -> RunningProgram.Finished {
        try RunningProgram.run("fetchpool", arguments)
    }

    @Test func aRunWritesItsPageAtItsEnd() throws {
        let finished = try run("-q", "--report", folder.file("page.html"), "data:,a", "data:,b", "no url")
        #expect(finished.end == .status(1))
        #expect(finished.lines.count == 3)
        #expect(try headline("page.html") == "2 of 3 tasks are ok")
        #expect(folder.names == ["page.html"])
    }

    @Test func theReportOfTheRecordsEqualsThePageOfTheRun() throws {
        let (output, page) = (folder.file("records"), folder.file("page.html"))
        _ = try run("-q", "--report", page, "-o", output, "data:,a", "http://127.0.0.1:1/", "x")
        #expect(try run("report", output, "-o", folder.file("again.html")).end == .status(0))
        #expect(try folder.read("page.html") == folder.read("again.html"))
    }

    @Test func aResumedRunCountsTheRecordsOfEarlierRuns() throws {
        let (output, page) = (folder.file("records"), folder.file("page.html"))
        _ = try run("-q", "-o", output, "data:,a", "http://127.0.0.1:1/", "--retries", "0")
        _ = try run(
            "-q",
            "-o",
            output,
            "data:,a",
            "http://127.0.0.1:1/",
            "data:,c",
            "--retry-failed",
            "--report",
            page,
            "--retries",
            "0"
        )
        #expect(try folder.read("records").split(separator: "\n").count == 4)
        #expect(try headline("page.html") == "2 of 3 tasks are ok")
        #expect(try folder.read("page.html").contains("1 earlier record replaced"))
    }

    @Test func aPageIsWrittenAfterASignalToo() throws {
        let server = try FixtureServer()
        let page = folder.file("page.html")
        let running = try RunningProgram("fetchpool", ["-q", "--report", page])
        try running.send("\(server.base)/get")
        #expect(try running.record()?.outcome == "ok")
        running.signal(SIGTERM)
        #expect(try running.waitForEnd() == .status(143))
        #expect(try headline("page.html") == "The one task is ok")
    }

    @Test func aPageThatCannotBeWrittenEndsTheRunBeforeItBegins() throws {
        let records = try folder.write(#"{"v":1,"id":1,"outcome":"ok"}"# + "\n", to: "records")
        let list = try folder.write("data:,a\n", to: "list")
        for (arguments, sentence) in [
            (["--report", "/nowhere/x"], "cannot write --report '/nowhere/x': No such file or directory"),
            (["--report", folder.path], "cannot write --report '\(folder.path)': Is a directory"),
            (["--report", records], "--report '\(records)' holds records; name another file for the page"),
            (
                ["--report", list, "-i", list],
                "--report '\(list)' is the same file as '\(list)'; name another file for the page"
            ),
            (
                ["--report", "new", "-o", "new"],
                "--report 'new' is also the file of another option; name another file"
            ),
            (
                ["--report", "./new", "--cookie-jar", "new"],
                "--report './new' is also the file of another option; name another file"
            ),
            (["--report", "-"], "--report needs a file; standard output has the records"),
            (
                ["--report", "x", "--supervised"],
                "--report has no effect with --supervised; give it to the parent coordinator"
            ),
        ] {
            let finished = try RunningProgram.run("fetchpool", arguments)
            #expect(finished.end == .status(2))
            #expect(finished.errors == "fetchpool: \(sentence)\n")
            #expect(finished.output == "")
        }
        #expect(try folder.read("records").hasPrefix("{"))
        #expect(try folder.read("list") == "data:,a\n")
    }

    @Test func moreFilesAreReadThanMayBeOpen() throws {
        for number in 1...100 {
            let record = #"{"v":1,"id":\#(number),"url":"http://a/","outcome":"ok"}"# + "\n"
            _ = try folder.write(record + record, to: "part-\(number)")
        }
        let command = "ulimit -n 40; '\(BuiltPrograms.path("fetchpool"))' report '\(folder.path)'/part-*"
        let finished = try RunningProgram.run("/bin/sh", ["-c", command])
        #expect(finished.end == .status(0), "\(finished.errors)")
        #expect(finished.output.contains("<h1>All 100 tasks are ok</h1>"))
    }

    @Test func thePageKeepsThePermissionsOfTheOldPage() throws {
        let page = try folder.write("old", to: "page.html")
        #expect(unsafe chmod(page, 0o600) == 0)
        #expect(try run("-q", "--report", page, "data:,a").end == .status(0))
        var status = stat()
        #expect(unsafe stat(page, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func theFileOfStandardInputIsNotReplaced() throws {
        let list = try folder.write("data:,a\n", to: "list")
        let records = try folder.write("\n" + #"{"v":1,"id":1,"outcome":"ok"}"# + "\n", to: "records")
        let program = BuiltPrograms.path("fetchpool")
        for (words, file) in [
            ("--report '\(list)'", list), ("--report '\(list)' -i -", list),
            ("report - -o '\(records)'", records),
        ] {
            let old = try folder.read(file == list ? "list" : "records")
            let command = "'\(program)' \(words) < '\(file)'"
            let finished = try RunningProgram.run("/bin/sh", ["-c", command])
            #expect(finished.end == .status(2), "\(words)")
            #expect(finished.errors.contains("'\(file)' is the same file as '/dev/stdin'"))
            #expect(try folder.read(file == list ? "list" : "records") == old)
        }
    }

    @Test func badInputIsNamedInAMessage() throws {
        let (records, empty) = (folder.file("records"), try folder.write("", to: "empty"))
        _ = try run("-q", "-o", records, "data:,a", "data:,b")
        let list = try folder.write("https://example.com/\n", to: "list")
        let mixed = try folder.write("hello\n" + folder.read("records") + #"{"v":1,"id":7,"u"#, to: "mixed")
        for (name, status, sentences) in [
            (records, 0, []),
            (empty, 3, ["'\(empty)' is empty; name a file that has records"]),
            (folder.path, 3, ["cannot read '\(folder.path)': it is a folder; name the files in it"]),
            (folder.file("none"), 3, ["cannot read '\(folder.file("none"))': No such file or directory"]),
            (list, 3, ["line 1 of '\(list)' is not a record; name files that fetchpool has written"]),
            (
                mixed, 1,
                [
                    "1 line ends in the middle of a record, and does not count",
                    "1 line is not a record and does not count; the first is line 1 of '\(mixed)'",
                ]
            ),
        ] as [(String, Int32, [String])] {
            let finished = try run("report", name)
            #expect(finished.end == .status(status), "\(name)")
            #expect(finished.errors == sentences.map { "fetchpool: report: \($0)\n" }.joined())
            #expect(finished.output.isEmpty == (status == 3))
        }
    }

    @Test func wrongUsageIsRefused() throws {
        let records = try folder.write(#"{"v":1,"id":1,"outcome":"ok"}"# + "\n", to: "records")
        #expect(try run("report").end == .status(2))
        #expect(try run("report", "-", "-").end == .status(2))
        #expect(try run("report", records, "-o", records).end == .status(2))
        #expect(try run("report", records, "-o", "/nowhere/x").end == .status(2))
        let packed = try folder.write(Compressed.gzip(Array("x".utf8)), to: "packed")
        let refused = try run("report", records, "-o", packed)
        #expect(refused.end == .status(2))
        #expect(refused.errors.contains("--output '\(packed)' is compressed; name another file"))
        #expect(try run("report", "--colour", records).end == .status(2))
        let pipe = folder.file("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        let unread = try run("report", records, "-o", pipe)
        #expect(unread.end == .status(3))
        #expect(unread.errors.hasSuffix("cannot write --output '\(pipe)': no program reads this pipe\n"))
        #expect(try run("report", "--help").output.contains("usage: fetchpool report [options] [RECORDS …]"))
        #expect(try folder.read("records").hasPrefix("{"))
    }

    @Test func recordsComeFromAPipeToo() throws {
        let (old, new) = (
            #"{"v":1,"id":1,"url":"http://a/","outcome":"fetch_error"}"#,
            #"{"v":1,"id":1,"url":"http://a/","outcome":"ok"}"#
        )
        let finished = try RunningProgram.run("fetchpool", ["report", "-"], input: old + "\n" + new + "\n")
        #expect(finished.end == .status(0))
        #expect(finished.output.contains("<h1>The one task is ok</h1>"))
    }
}
