// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// The README and the articles say what is so: options are those of `--help`, and examples run.
@Suite(.ownThread) struct DocumentationTests {
    private static let pages = [
        "README.md",
        "Sources/PoolWorker/PoolWorker.docc/WorkerProtocol.md",
        "Sources/PoolWorker/PoolWorker.docc/WritingAWorker.md",
        "Sources/ResponseProcessors/ResponseProcessors.docc/WritingAProcessor.md",
    ]

    @Test func optionsInTheReadmeAreThoseOfHelp() throws {
        let snippets = try Snippet.all(of: "README.md")
        let help = try RunningProgram.run("fetchpool", ["--help"])
        #expect(help.end == .status(0))
        #expect(snippets.contains { $0.language == "text" && $0.text == help.output })
    }

    @Test(arguments: pages)
    func examplesRunAndPrintWhatIsShown(page: String) throws {
        let snippets = try Snippet.all(of: page)
        let server = try FixtureServer()
        let folder = try ScratchFolder()
        for python in snippets where python.language == "python" {
            let name = try #require(python.text.split(separator: "\n").first?.dropFirst(2))
            try folder.write(python.text, to: String(name))
        }
        for (index, snippet) in snippets.enumerated() where snippet.language == "sh" {
            // The server of the tests has a port of its own.
            let script = snippet.text.replacingOccurrences(of: "http://localhost:8080", with: server.base)
                .replacingOccurrences(of: "fixture-server --port 8080 --stay &", with: "")
            let run = try folder.run(script)
            #expect(run.end == .status(0), "\(snippet.text)\(run.errors)")
            guard index + 1 < snippets.count, snippets[index + 1].language == "json" else { continue }
            #expect(Self.steady(run.output) == Self.steady(snippets[index + 1].text))
        }
        #expect(!snippets.isEmpty)
    }

    @Test(arguments: pages)
    func swiftExamplesCompile(page: String) throws {
        let folder = try ScratchFolder()
        // A manifest is no program.
        let swift = try Snippet.all(of: page).filter {
            $0.language == "swift" && !$0.text.contains("PackageDescription")
        }
        guard !swift.isEmpty else { return }
        for (index, snippet) in swift.enumerated() { try folder.write(snippet.text, to: "\(index).swift") }
        let sources = Snippet.root.appendingPathComponent("Sources").path
        let compiled = try folder.run(
            """
            for file in *.swift; do
                swiftc -typecheck -parse-as-library -I '\(BuiltPrograms.folder)/Modules' -I '\(sources)/CXML' \\
                    -Xcc -fmodule-map-file='\(BuiltPrograms.folder)/CLinux.build/module.modulemap' \\
                    $(pkg-config --cflags-only-I libxml-2.0 | sed 's/-I/-Xcc -I/g') $file
            done
            """
        )
        #expect(compiled.end == .status(0), "\(compiled.errors)")
    }

    /// Without what differs from run to run.
    private static func steady(_ records: String) -> String {
        records.replacing(/"(pid|\w+_ms)":[0-9.]+/) { "\"\($0.output.1)\":0" }
            .replacing(/"fetched_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/, with: "fetched_at")
    }
}
