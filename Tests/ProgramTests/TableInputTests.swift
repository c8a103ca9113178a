// SPDX-License-Identifier: MIT
// fetchpool

import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of tables as input.
@Suite(.ownThread)
struct TableInputTests {
    private let folder = TestFolder()

    private func run(
        _ name: String,
        _ text: String,
        _ options: [String] = []
    ) throws -> RunningProgram.Finished {
        try RunningProgram.run("fetchpool", ["-q", "-i", folder.write(text, to: name)] + options)
    }

    @Test(arguments: [
        ("a.csv", "city,url\r\n\"Köln, Rhein\",\"data:,a\"\r\nBonn,\"data:,b\"\r\n", [String]()),
        ("a.TSV", "city\turl\nKöln, Rhein\tdata:,a\nBonn\tdata:,b\n", []),
        (
            "table", "city,Link\n\"Köln, Rhein\",\"data:,a\"\nBonn,\"data:,b\"",
            ["--input-format", "csv", "--url-column", "link"]
        ),
    ])
    func theColumnsOfATableComeBack(name: String, text: String, options: [String]) throws {
        let finished = try run(name, text, options)
        #expect(finished.end == .status(0))
        let lines = finished.output.split(separator: "\n").sorted()
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix(#"{"v":1,"id":2,"url":"data:,a","outcome":"ok""#))
        #expect(lines[0].hasSuffix(#""meta":{"city":"Köln, Rhein"}}"#))
        #expect(lines[1].hasPrefix(#"{"v":1,"id":3,"url":"data:,b","outcome":"ok""#))
    }

    @Test func eachTableHasItsOwnHeader() throws {
        let first = try folder.write("url,a\n\"data:,1\",x\n", to: "1.csv")
        let lines = try folder.write("data:,2\n", to: "2.txt")
        let second = try folder.write("b,url\ny,\"data:,3\"\n", to: "3.csv")
        let finished = try RunningProgram.run("fetchpool", ["-q", "-i", first, "-i", lines, "-i", second])
        #expect(try finished.records.sortedIDs == [2, 3, 5])
        #expect(finished.output.contains(#""meta":{"a":"x"}"#))
        #expect(finished.output.contains(#""meta":{"b":"y"}"#))
    }

    @Test func aTableWithoutTheColumnEndsTheRun() throws {
        let finished = try run("a.csv", "name,link\nA,\"data:,a\"\n")
        #expect(finished.end == .status(3))
        #expect(finished.output == "")
        #expect(
            finished.errors.contains("the header has no column 'url', but 'name', 'link'"),
            "\(finished.errors)"
        )
    }

    @Test func linesOfFilesWithTheNameOfATableCanBeRead() throws {
        let finished = try run("a.csv", "data:,a\ndata:,b\n", ["--input-format", "lines"])
        #expect(try finished.records.outcomes == ["ok": 2])
    }

    @Test func aTableCanBeResumedAndShared() throws {
        let rows = (1...30).map { "\"a\nb\",\"data:,\($0)\"\n" }.joined()
        let out = ["-o", folder.file("out"), "--resume"]
        #expect(try run("a.csv", "t,url\n" + rows, out + ["--limit", "10"]).end == .status(0))
        #expect(try run("a.csv", "t,url\n" + rows, out).end == .status(0))
        let records = try folder.read("out").split(separator: "\n").map { try Record(String($0)) }
        #expect(records.sortedIDs == (1...30).map { 2 * $0 })
    }
}
