// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestFolders
import TestThreads
import Testing

@testable import FetchRun

@Suite(.ownThread)
struct NamedFilesTests {
    private let folder = TestFolder()

    private func settings(input: String? = nil, _ change: (inout RunSettings) -> Void) -> RunSettings {
        var settings = RunSettings()
        settings.urls = ["data:,"]
        settings.inputs = input.map { [$0] } ?? []
        change(&settings)
        return settings
    }

    @Test func aListThatIsAlsoAFileToWriteIsRefused() throws {
        let list = try folder.write("data:,a\n", to: "list")
        let same = folder.path + "/./list"
        #expect(
            throws: RunError.io(
                "the input '\(list)' and --stats are the same file '\(same)'; name two different files"
            )
        ) {
            try NamedFiles.check(settings(input: list) { $0.statsFile = same })
        }
        #expect(
            throws: RunError.io(
                "the input '\(list)' and --metrics are the same file '\(same)'; name two different files"
            )
        ) {
            try NamedFiles.check(settings(input: list) { $0.metricsFile = same })
        }
        #expect(
            throws: RunError.io(
                "the input '\(list)' and --cookie-jar are the same file '\(same)'; name two different files"
            )
        ) {
            try NamedFiles.check(settings(input: list) { $0.fetch.cookieJar = same })
        }
        let error = #expect(throws: RunError.self) {
            try NamedFiles.check(settings(input: list) { $0.output = same })
        }
        #expect(error?.description.contains("the input '\(list)' and the output are the same file") == true)
    }

    @Test func oneFileOfRecordsCanBeBothInputAndOutput() throws {
        let records = try folder.write("", to: "records")
        try NamedFiles.check(
            settings(input: records) { ($0.output, $0.inputFormat) = (records, .records) }
        )
        #expect(throws: RunError.self) {
            try NamedFiles.check(
                settings(input: records) { ($0.statsFile, $0.inputFormat) = (records, .records) }
            )
        }
    }

    @Test func oneFileForTheRecordsAndTheCookieJarIsRefused() throws {
        let new = folder.file("new")
        #expect(
            throws: RunError.io(
                "--output and --cookie-jar name the same file '\(new)'; name two different files"
            )
        ) {
            try NamedFiles.check(settings { ($0.output, $0.fetch.cookieJar) = (new, new) })
        }
        let other = folder.path + "/./new"
        #expect(
            throws: RunError.io(
                "--output and --cookie-jar name the same file '\(other)'; name two different files"
            )
        ) {
            try NamedFiles.check(settings { ($0.output, $0.fetch.cookieJar) = (new, other) })
        }
    }

    @Test func devicesAndDifferentFilesAreAllowed() throws {
        let list = try folder.write("data:,a\n", to: "list")
        try NamedFiles.check(settings(input: "/dev/null") { $0.output = "/dev/null" })
        try NamedFiles.check(settings(input: list) { $0.output = folder.file("new") })
    }

    /// `-` is standard output, and `./-` is a file.
    @Test func aHyphenIsNotTheFileOfThatName() throws {
        try NamedFiles.check([("--stats", "-"), ("--metrics", "./-")])
        try NamedFiles.check([("--stats", "./-"), ("--metrics", "-")])
    }
}
