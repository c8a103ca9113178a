// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the messages about inputs that are probably not what the user means.
@Suite(.ownThread)
struct InputAdviceTests {
    private let folder = TestFolder()

    private func run(_ text: String, _ options: [String] = []) throws -> RunningProgram.Finished {
        try RunningProgram.run("fetchpool", ["-w", "1", "-i", folder.write(text, to: "list")] + options)
    }

    @Test(arguments: [
        "{\"url\":\"data:,1\",\"id\":\"a\"}\n{\"url\":\"data:,2\",\"id\":\"b\"}\n{\"url\":\"data:,3\",\"id\":\"\\u0061\"}\n",
        "{\"url\":\"data:,1\",\"id\":7}\n\n{\"url\":\"data:,2\",\"id\":7}\n{\"url\":\"data:,3\",\"id\":7}\n",
    ])
    func anIDWithTwoURLsIsNamedOnce(text: String) throws {
        let finished = try run(text)
        #expect(finished.end == .status(0))
        #expect(finished.errors.components(separatedBy: "lines 1 and 3 have the same id").count == 2)
        #expect(try !run(text, ["-q"]).errors.contains("same id"))
    }

    @Test(arguments: [
        ("url,name\ndata:,a,A\nno,b\n", "line 1: 'url,name' is no URL"),
        ("7,http://a.test/x\n8,http://a.test/y\n", "line 1: the line looks like a row of a table"),
        ("[\n\"data:,a\",\n\"data:,b\"\n]\n", "line 1: '[' is no URL; if it is a part of a JSON text"),
        ("[\"http://a.test/\"]\n[]\n", "line 1: the line looks like a JSON array"),
        ("#\n\0\nd\0a\0t\0a\0:\0,\0a\0\n\0", "line 3: the text is UTF-16; convert the file with iconv"),
        ("data:,a\rdata:,b\r", "line 1: the text holds carriage returns without line feeds"),
        ("data:,a\0data:,b\0", "line 1: the text holds zero bytes in place of line feeds"),
    ])
    func anInputThatIsNotAListOfTasksGetsOneMessage(text: String, says: String) throws {
        let finished = try run(text, ["--max-failures", "100"])
        #expect(finished.errors.components(separatedBy: "fetchpool: line ").count == 2, "\(finished.errors)")
        #expect(finished.errors.hasPrefix("fetchpool: \(says)"), "\(finished.errors)")
        #expect(try !run(text, ["-q"]).errors.contains("line"))
    }

    @Test func invalidLinesOfAListGetNoMessages() throws {
        #expect(try !run("no url\nftp://a/\n{\n").errors.contains("fetchpool: "))
    }

    @Test(arguments: [[], ["--default-scheme", "https"], ["--input-format", "csv"], ["-i", "/dev/null"]])
    func aFileInThePlaceOfAURLIsNamedBeforeTheRun(options: [String]) throws {
        let list = try folder.write("data:,a\n", to: "list")
        for file in [list, "/dev/stdin"] {
            let finished = try RunningProgram.run("fetchpool", options + ["data:,b", file])
            #expect(finished.end == .status(2) && finished.output == "")
            #expect(
                finished.errors
                    == "fetchpool: '\(file)' is a file; give it with --input, or write the URL with its scheme\n"
            )
        }
    }

    @Test(arguments: [
        ("data:,a\ndata:,b", "holds several lines; give a list with --input"),
        ("{\r\n \"url\": \"data:,a\"\r\n}", "holds several lines; give a list with --input"),
        ("", "is empty, or a comment\n"), (" \n", "is empty, or a comment\n"),
        ("#x", "is empty, or a comment\n"),
    ])
    func anArgumentThatIsNotOneTaskIsRefused(argument: String, says: String) throws {
        let finished = try RunningProgram.run("fetchpool", ["data:,b", argument])
        #expect(finished.end == .status(2) && finished.output == "")
        let place = "fetchpool: argument 2 in the place of a URL"
        #expect(finished.errors.hasPrefix("\(place) \(says)"), "\(finished.errors)")
        let padded = ["\n data:,a\n", "\n{\"url\":\"data:,b\"}\n"]
        let good = try RunningProgram.run("fetchpool", ["-q"] + padded)
        #expect(try good.records.outcomes == ["ok": 2], "\(good.output)")
        #expect(try good.records.compactMap(\.url).sorted() == ["data:,a", "data:,b"])
    }

    @Test func aFolderAndAMissingFileInThePlaceOfAURLGetRecords() throws {
        let finished = try RunningProgram.run("fetchpool", ["-q", "/tmp", "/nonexistent/list"])
        #expect(try finished.records.outcomes == ["invalid": 2], "\(finished.errors)")
    }

    /// `--resume` compares the values of ids, and so do the messages about lines with the same id.
    ///
    /// A number and a string are different values, except with `--values text`.
    @Test(arguments: [
        (["-0", "0"], [], true), (["7", #""7""#], ["--values", "text"], true), (["7", #""7""#], [], false),
    ])
    func onlyIDsThatAreEqualForResumeAreNamed(ids: [String], options: [String], areNamed: Bool) throws {
        let tasks = ids.enumerated().map { #"{"url":"data:,\#($0)","id":\#($1)}"# }
        let finished = try run(tasks.joined(separator: "\n"), options)
        let isNamed = finished.errors.contains("lines 1 and 2 have the same id")
        #expect(isNamed == areNamed, "\(finished.errors)")
    }

    @Test func anIDThatIsRepeatedWithTheSameURLIsNotNamed() throws {
        let text = "{\"url\":\"data:,1\",\"id\":\"a\"}\n{\"url\":\"data:,\\u0031\",\"id\":\"a\"}\n"
        #expect(try !run(text).errors.contains("same id"))
    }

    @Test func idsOfATableAreCompared() throws {
        let finished = try run(
            "url,id\n\"data:,1\",x\n\"data:,2\",x\n",
            ["--input-format", "csv", "--id-column", "id"]
        )
        #expect(
            finished.errors.contains("lines 2 and 3 have the same id \"x\" and different URLs"),
            "\(finished.errors)"
        )
    }
}
