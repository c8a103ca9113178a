// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests that all programs have the same version, which is defined in one file.
@Suite(.ownThread) struct VersionTests {
    private let version: String

    init() throws {
        let run = try RunningProgram.run("fetchpool", ["--version"])
        version = String(run.output.dropLast().split(separator: " ").last ?? "")
        try #require(version.contains("."), "\(run.output)\(run.errors)")
    }

    @Test(arguments: ["fetchpool-fetch", "fetchpool-process", "fetchpool-bench"])
    func otherProgramsHaveTheSameVersion(program: String) throws {
        let run = try RunningProgram.run(program, ["--version"])
        #expect(run.output == "\(program) \(version)\n")
    }

    @Test func oneSourceFileContainsTheVersion() throws {
        let sources = Snippet.root.appendingPathComponent("Sources")
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        let swift = files?.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
        let holders = try swift.filter {
            try String(contentsOf: $0, encoding: .utf8).contains("\"\(version)\"")
        }
        #expect(holders.map(\.lastPathComponent) == ["ProductVersion.swift"])
    }

    @Test func changelogBeginsWithTheVersion() throws {
        let headings = try DocumentationPages.text(".github/CHANGELOG.md").split(separator: "\n")
            .filter { $0.hasPrefix("## ") }
        #expect(headings.first?.hasPrefix("## \(version)") == true)
    }

    @Test func helpNamesTheUserAgentThatIsSent() throws {
        let help = try RunningProgram.run("fetchpool", ["--help"])
        #expect(help.output.contains("(default: fetchpool/\(version))"))
        let server = try FixtureServer()
        let run = try RunningProgram.run("fetchpool", ["-q", "-p", "json", server.base + "/echo"])
        #expect(run.output.contains(#"["User-Agent","fetchpool/\#(version)"]"#), "\(run.output)\(run.errors)")
    }
}
