// SPDX-License-Identifier: MIT
// fetchpool

import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of tables (CSV and TSV) as input.
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
    func theMetaOfARecordHasTheColumnsBesideTheURL(name: String, text: String, options: [String]) throws {
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

    @Test func aTableWithoutAColumnOfURLsEndsTheRun() throws {
        let finished = try run("a.csv", "name,link\nA,\"data:,a\"\n")
        #expect(finished.end == .status(3))
        #expect(finished.output == "")
        #expect(
            finished.errors.contains("the header has no column 'url', only 'name', 'link'"),
            "\(finished.errors)"
        )
    }

    @Test func aFileWithTheNameOfATableCanBeReadAsLines() throws {
        let finished = try run("a.csv", "data:,a\ndata:,b\n", ["--input-format", "lines"])
        #expect(try finished.records.outcomes == ["ok": 2])
    }

    /// The faulty row has too many fields, too few fields, or a quote that is not doubled.
    ///
    /// If it is uncertain which field of the faulty row is the id, the record's id is the line number.
    @Test(arguments: [
        ("key,url,t", "7,\"data:,7\",a,b", "7,\"data:,7\",\"a,b\"", "7"),
        ("key,url,t", "7,\"data:,7\"", "7,\"data:,7\",a", "7"),
        ("t,key,url", "a,7,\"data:,7\",b", "a,7,\"data:,7\"", "7"),
        ("url,t,key", "\"data:,7\",a,b,7", "\"data:,7\",\"a,b\",7", "3"),
        ("url,t,key", "\"data:,7\",\"a\"b,7", "\"data:,7\",\"a\"\"b\",7", "3"),
    ])
    func aCorrectedRowReplacesTheRecordOfTheFaultyRow(
        header: String,
        faulty: String,
        corrected: String,
        id: String
    ) throws {
        let names = header.split(separator: ",").map(String.init)
        let other = names.map { $0 == "url" ? "\"data:,1\"" : $0 == "key" ? "1" : "x" }.joined(separator: ",")
        let options = [
            "--id-column", "key", "-o", folder.file("out"), "--resume", "--stats", folder.file("stats"),
        ]
        #expect(try run("a.csv", "\(header)\n\(other)\n\(faulty)\n", options).end == .status(1))
        let before = try folder.read("out").split(separator: "\n").map { try Record(String($0)) }
        #expect(before.first { $0.outcome == "invalid" }?.id == id)
        for _ in 1...2 {
            #expect(try run("a.csv", "\(header)\n\(other)\n\(corrected)\n", options).end == .status(0))
            #expect(try folder.read("stats").contains(#""outcomes":{"ok":2}"#))
        }
        let after = try folder.read("out").split(separator: "\n").map { try Record(String($0)) }
        #expect(after.count == 3)
        #expect(after.last?.id == "7" && after.last?.outcome == "ok")
    }

    @Test func aRowThatStaysFaultyIsCountedOnce() throws {
        let options = [
            "--id-column", "key", "-o", folder.file("out"), "--resume", "--stats", folder.file("stats"),
        ]
        for _ in 1...2 {
            #expect(
                try run("a.csv", "url,t,key\n\"data:,1\",x,2\n\"data:,2\",a,b,c\n", options).end == .status(1)
            )
            #expect(try folder.read("stats").contains(#""outcomes":{"ok":1,"invalid":1}"#))
        }
        #expect(try folder.read("out").split(separator: "\n").count == 2)
    }

    /// After 9 MiB, the first long field continues with text that looks like rows with URLs.
    @Test func aFieldThatIsTooLongHidesNoRowAndIsNotReadAsRows() throws {
        let long = String(repeating: "x", count: 9 << 20)
        let finished = try run(
            "a.csv",
            "t,url\n\"\(long)\n\"\",\"\"\nq,\"\"data:,no\"\"\",\"data:,2\"\nb,\"data:,b\"\n"
                + "c,\"data:,c\(long)\"\nd,\"data:,d\"\n\"\(long)\"x,\"data:,no\"\ne,\"data:,e\"\n"
        )
        let records = try finished.records
        #expect(records.outcomes == ["ok": 3, "invalid": 3])
        let invalid = records.filter { $0.outcome == "invalid" }
        #expect(
            invalid.map { "\($0.id) \($0.errorClass ?? "none")" }.sorted() == [
                "2 line_too_long", "6 line_too_long", "8 url",
            ]
        )
        #expect(
            Set(records.filter { $0.outcome == "ok" }.compactMap(\.url)) == ["data:,b", "data:,d", "data:,e"]
        )
        #expect(records.sortedIDs == [2, 5, 6, 7, 8, 9])
    }

    @Test func aTableCanBeResumed() throws {
        let rows = (1...30).map { "\"a\nb\",\"data:,\($0)\"\n" }.joined()
        let out = ["-o", folder.file("out"), "--resume"]
        #expect(try run("a.csv", "t,url\n" + rows, out + ["--limit", "10"]).end == .status(0))
        #expect(try run("a.csv", "t,url\n" + rows, out).end == .status(0))
        let records = try folder.read("out").split(separator: "\n").map { try Record(String($0)) }
        #expect(records.sortedIDs == (1...30).map { 2 * $0 })
    }
}
