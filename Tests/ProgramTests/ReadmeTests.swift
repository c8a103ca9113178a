// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import Testing

/// The README says what is so: its options are those of `--help`, and its examples run.
@Suite(.timeLimit(.minutes(2))) struct ReadmeTests {
    private let snippets: [Snippet]

    init() throws { snippets = try Snippet.all(of: "README.md") }

    @Test func optionsAreThoseOfHelp() throws {
        let help = try RunningProgram.run("fetchpool", ["--help"])
        #expect(help.end == .status(0))
        #expect(snippets.contains { $0.language == "text" && $0.text == help.output })
    }

    @Test func examplesRunAndPrintWhatIsShown() throws {
        let server = try FixtureServer()
        let folder = try ScratchFolder()
        for python in snippets where python.language == "python" {
            let name = try #require(python.text.split(separator: "\n").first?.dropFirst(2))
            try folder.write(python.text, to: String(name))
        }
        var examples = 0
        for (index, snippet) in snippets.enumerated() where snippet.language == "sh" {
            let script = snippet.text.replacingOccurrences(of: "http://localhost:8080", with: server.base)
            let run = try folder.run(script)
            #expect(run.end == .status(0), "\(snippet.text)\(run.errors)")
            examples += 1
            guard index + 1 < snippets.count, snippets[index + 1].language == "json" else { continue }
            #expect(Self.steady(run.output) == Self.steady(snippets[index + 1].text))
        }
        #expect(examples >= 3)
    }

    @Test func swiftExamplesCompile() throws {
        let folder = try ScratchFolder()
        let swift = snippets.filter { $0.language == "swift" }
        try #require(!swift.isEmpty)
        for (index, snippet) in swift.enumerated() { try folder.write(snippet.text, to: "\(index).swift") }
        let sources = Snippet.root.appendingPathComponent("Sources").path
        let compiled = try folder.run(
            """
            for file in *.swift; do
                swiftc -typecheck -parse-as-library -I '\(BuiltPrograms.folder)/Modules' -I '\(sources)/CXML' \\
                    $(pkg-config --cflags-only-I libxml-2.0 | sed 's/-I/-Xcc -I/g') $file
            done
            """
        )
        #expect(compiled.end == .status(0), "\(compiled.errors)")
    }

    /// Without what differs from run to run.
    private static func steady(_ records: String) -> String {
        records.replacing(/"(pid|\w+_ms)":[0-9.]+/) { "\"\($0.output.1)\":0" }
    }
}
