// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the completion scripts and the manual page; all are made from the table of options.
@Suite(.ownThread)
struct CompletionTests {
    private let folder = TestFolder()

    /// Runs a shell or another program, and returns its output and its errors as one text.
    ///
    /// Returns `nil` if neither `/bin` nor `/usr/bin` has an executable program with this name.
    private func run(_ shell: String, _ arguments: [String]) throws -> String? {
        let paths = ["/bin/", "/usr/bin/"].map { $0 + shell }
        guard let path = paths.first(where: FileManager.default.isExecutableFile) else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let pipe = Pipe()
        (process.standardOutput, process.standardError) = (pipe, pipe)
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: output, as: UTF8.self)
    }

    private func script(_ shell: String) throws -> String {
        let finished = try RunningProgram.run("fetchpool", ["completion", shell])
        #expect(finished.end == .status(0))
        return try folder.write(finished.output, to: shell)
    }

    /// Returns the completions that bash offers for the last of `words`.
    private func offers(_ words: [String]) throws -> Set<String> {
        try output(of: words).subtracting(["compopt +o default"])
    }

    /// Returns the completions that bash offers for the last of `words`, and the calls of `compopt`.
    private func output(of words: [String]) throws -> Set<String> {
        let list = words.map { "\"\($0)\"" }.joined(separator: " ")
        let command =
            "source '\(try script("bash"))'; COMP_WORDS=(fetchpool \(list)); COMP_CWORD=\(words.count); compopt() { echo \"compopt $*\"; }; _fetchpool; printf '%s\\n' \"${COMPREPLY[@]}\""
        let output = try #require(try run("bash", ["--norc", "-c", command]))
        return Set(output.split(separator: "\n").map(String.init))
    }

    @Test func bashCompletesOptionsAndValues() throws {
        #expect(
            try offers(["--re"]) == [
                "--resume", "--retry-failed", "--retries", "--retry-status", "--resolve", "--report",
            ]
        )
        #expect(try offers(["--progress", ""]) == ["auto", "on", "off"])
        #expect(try offers(["--progress", "=", "o"]) == ["on", "off"])
        #expect(try offers(["--progress", "="]) == ["auto", "on", "off"])
        #expect(try offers(["-i", "x", "--input-format", "'c"]) == ["csv"])
        #expect(try offers(["--workers", ""]) == [])
    }

    @Test func bashCompletesCommandsAndTheirOptions() throws {
        #expect(try offers([""]) == ["report", "demo", "completion", "manual", "schema"])
        #expect(try offers(["report", "records", "--"]) == ["--output", "--help", "--version"])
        #expect(try offers(["completion", "z"]) == ["zsh"])
        #expect(try offers(["schema", ""]) == ["records", "statistics"])
        #expect(try offers(["manual", ""]) == [])
    }

    @Test func bashCompletesFilesOnlyWhereFilesAreMeant() throws {
        // Where a file is meant, the script offers no words. Readline then completes and quotes the file
        // name, because the script calls `complete` with `-o default`. Elsewhere, the script turns this
        // option off with `compopt`.
        for words in [["-i", "a"], ["--output", "=", "a"], ["report", "a"], ["report", "-o", ""]] {
            #expect(try output(of: words) == [], "\(words)")
        }
        for words in [["--workers", "2"], ["--progress", "x"], ["http"], ["manual", ""], ["schema", "x"]] {
            #expect(try output(of: words) == ["compopt +o default"], "\(words)")
        }
    }

    @Test func zshAndFishAcceptTheirScripts() throws {
        let zsh = try script("zsh")
        #expect(try folder.read("zsh").contains("--resume[go on where"))
        #expect(try folder.read("zsh").contains("'*--output=[the page;"))
        if let output = try run("zsh", ["-n", zsh]) { #expect(output == "") }
        let fish = try script("fish")
        #expect(try folder.read("fish").contains(" -s i -l input -r -F -d 'lines"))
        #expect(try folder.read("fish").contains("command report' -s o -l output -r -F -d 'the page;"))
        if let output = try run("fish", ["--no-execute", fish]) { #expect(output == "") }
    }

    @Test func theManualPageHasEachOption() throws {
        let page = try RunningProgram.run("fetchpool", ["manual"]).output
        #expect(page.hasPrefix(".TH FETCHPOOL 1"))
        let help = try RunningProgram.run("fetchpool", ["--help"]).output
        let names = help.matches(of: #/(?m)^ +(?:-\w, )?(--[a-z0-9.-]+)/#).map { String($0.1) }
        #expect(names.count > 50)
        for name in names {
            #expect(page.contains("\\fB" + name.replacing("-", with: "\\-") + "\\fR"), "\(name)")
        }
        let file = try folder.write(page, to: "page.1")
        if let output = try run("groff", ["-man", "-Tutf8", "-ww", "-z", file]) { #expect(output == "") }
        #expect(!page.contains(/\n\.SH [^\n]*\n\.PP/))
    }

    @Test(arguments: [
        (["completion", "tcsh"], "bash, zsh or fish"), (["completion"], "bash, zsh or fish"),
        (["schema", "tasks"], "schema records"), (["manual", "x"], "takes no argument"),
    ])
    func aCommandWithAWrongOrMissingArgumentIsRefused(arguments: [String], says: String) throws {
        let finished = try RunningProgram.run("fetchpool", arguments)
        #expect(finished.end == .status(2))
        #expect(finished.errors.contains(says), "\(finished.errors)")
    }
}
