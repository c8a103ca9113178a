// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests of the project's pages (`DocumentationPages`).
///
/// The page of the options shows the text of `--help`. The commands in `sh` blocks run, and print the shown
/// JSON. The Swift examples compile, except package manifests, which are not tried.
@Suite(.ownThread) struct DocumentationTests {
    /// Pages that may have one block of commands that the tests do not run.
    ///
    /// The block makes a build, or needs something that the tests do not have: other machines, Spark, a
    /// program that the reader builds first, or a file of an earlier run.
    private static let pagesWithOtherCommands: Set<String> = [
        "README.md", "Options.md", "WritingAProcessor.md", "WritingAWorker.md", "WritingAWorkerInPython.md",
        "OtherMachines.md", "RemoteWorkers.md", "Spark.md",
    ]

    @Test func optionsPageShowsTheHelpText() throws {
        let snippets = try Snippet.all(of: DocumentationPages.catalogue + "/Options.md")
        let help = try RunningProgram.run("fetchpool", ["--help"])
        #expect(help.end == .status(0))
        #expect(snippets.contains { $0.language == "text" && $0.text == help.output })
    }

    /// Runs the `sh` blocks of a page in a shell, one after the other, in a folder that looks like a built
    /// clone.
    ///
    /// Before these commands, the first commands of the README put the programs on the path and start a
    /// server.
    @Test(arguments: DocumentationPages.all)
    func commandsRunAndPrintTheShownOutput(page: String) throws {
        let snippets = try Snippet.all(of: page)
        let start = try #require(Snippet.all(of: "README.md").first { $0.language == "sh" })
        let commands = snippets.indices.filter {
            snippets[$0].language == "sh" && snippets[$0].text != start.text
        }
        guard !commands.isEmpty else { return }
        let folder = try ScratchFolder()
        try folder.becomeClone()
        for program in snippets where ["c", "python", "shell"].contains(program.language) {
            // The first line is a comment with the name of the file.
            let name = try #require(program.text.split(separator: "\n").first?.split(separator: " ").last)
            try folder.write(program.text, to: String(name))
        }
        let port = try LoopbackPort()
        let mark = "--- the end of a block ---"
        var script = "mkfifo ready\n" + Self.waitingForServer(start.text)
        for index in commands { script += "echo '\(mark)'\n\(snippets[index].text)" }
        let run = try folder.run(
            script.replacing(":8080", with: ":\(port.number)").replacing(
                "--port 8080",
                with: "--port \(port.number)"
            )
        )
        #expect(run.end == .status(0), "\(run.output)\(run.errors)")
        let outputs = run.output.components(separatedBy: mark + "\n").dropFirst()
        try #require(outputs.count == commands.count, "\(run.output)\(run.errors)")
        for (index, output) in zip(commands, outputs)
        where index + 1 < snippets.count && snippets[index + 1].language == "json" {
            let shown = output.replacing("localhost:\(port.number)", with: "localhost:8080")
            #expect(Self.steady(shown) == Self.steady(snippets[index + 1].text))
        }
    }

    /// Returns the commands with additional code.
    ///
    /// This code waits for the server's first line, and ends the server when the shell ends.
    private static func waitingForServer(_ commands: String) -> String {
        let lines = commands.split(separator: "\n").map { line in
            guard line.hasPrefix("fixture-server"), line.hasSuffix(" &") else { return String(line) }
            return line.dropLast(2) + " >ready & trap \"kill $!\" EXIT; exec 3<ready; read -r line <&3"
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test func commandsThatAreOnlyShownAreFew() throws {
        for page in DocumentationPages.all {
            let shown = try Snippet.all(of: page).filter { $0.language == "console" || $0.language.isEmpty }
            let name = String(page.split(separator: "/").last ?? "")
            #expect(shown.count <= (Self.pagesWithOtherCommands.contains(name) ? 1 : 0), "\(page)")
        }
    }

    @Test(arguments: DocumentationPages.all)
    func swiftExamplesCompile(page: String) throws {
        let folder = try ScratchFolder()
        // A package manifest cannot be compiled in this way.
        let swift = try Snippet.all(of: page).filter {
            $0.language == "swift" && !$0.text.contains("PackageDescription")
        }
        guard !swift.isEmpty else { return }
        for (index, snippet) in swift.enumerated() { try folder.write(snippet.text, to: "\(index).swift") }
        let compiled = try folder.run(
            """
            for file in *.swift; do
                swiftc -typecheck -swift-version 6 -parse-as-library -I '\(BuiltPrograms.folder)/Modules' \\
                    -Xcc -fmodule-map-file='\(BuiltPrograms.folder)/CLinux.build/module.modulemap' \\
                    -Xcc -fmodule-map-file='\(BuiltPrograms.folder)/CPrices.build/module.modulemap' $file
            done
            """,
            search: (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":"
        )
        #expect(compiled.end == .status(0), "\(compiled.errors)")
    }

    /// Returns records without the values that differ from run to run.
    private static func steady(_ records: String) -> String {
        records.replacing(/"(pid|\w+_ms)":[0-9.]+/) { "\"\($0.output.1)\":0" }
            .replacing(/"fetched_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/, with: "fetched_at")
    }
}
