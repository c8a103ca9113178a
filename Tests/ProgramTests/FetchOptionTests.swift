// SPDX-License-Identifier: MIT
// fetchpool

import FetchOptionTable
import OptionTable
import TestPrograms
import TestThreads
import Testing

/// Tests of the options for fetching, which `fetchpool` and `fetchpool-fetch` take from one table.
@Suite(.ownThread) struct FetchOptionTests {
    private static let programs = ["fetchpool", "fetchpool-fetch"]

    private static let rows = OptionTable<FetchOptions>(
        "test",
        version: "",
        summary: "",
        sections: OptionSection("Fetching", rows: [FetchOptions.concurrencyRow] + FetchOptions.rows)
    ).helpRows.filter { !["-h, --help", "--version"].contains($0.spelling) }

    @Test(arguments: programs)
    func helpShowsEachRowOfTheTable(program: String) throws {
        let help = try RunningProgram.run(program, ["--help"]).output.split { $0.isWhitespace }
            .joined(separator: " ")
        for row in Self.rows {
            let shown = row.shownDefault.map { " (default: \($0))" } ?? ""
            #expect(help.contains("\(row.spelling) \(row.help)\(shown)"), "\(row.spelling)")
        }
    }

    @Test(arguments: [
        ["-c", "10001"], ["--timeout", "0s"], ["--connect-timeout", "0s"], ["--dns-cache", "1"],
        ["--max-body", "1.5"], ["--max-redirects", "101"], ["--private-addresses", "never"],
        ["--header", "no colon"], ["--header", "A: b\u{7F}"], ["--user-agent", "a\tb\nc"],
        ["--proxy", "ftp://h"],
        ["--cacert", "/nonexistent"], ["-b", "/nonexistent"], ["--cookies", "a=b"], ["--netrc", "/"],
        ["--cookie-jar", "-"], ["--resolve", "a:b:c"], ["--resolve", "a:1:::1", "--proxy", "socks5h://h"],
        ["--supervised", "--cookie-jar", "x"], ["--private-addresses", "deny", "--proxy", "http://h"],
    ])
    func bothProgramsRefuseAValueInTheSameWords(words: [String]) throws {
        let sentences = try Self.programs.map { program in
            let run = try RunningProgram.run(program, words)
            #expect(run.end == .status(2), "\(program)")
            return String(run.errors.dropFirst("\(program): ".count))
        }
        #expect(sentences[0] == sentences[1] && !sentences[0].isEmpty)
    }

    @Test(arguments: programs)
    func aWorkerRefusesAnOptionWhoseValueTheCoordinatorReplaces(program: String) throws {
        let file = BuiltPrograms.path(program)
        for (words, option) in [
            ("-c 200", "--concurrency"), ("--timeout 30s", "--timeout"), ("--http1.1", "--http1.1"),
            ("--private-addresses deny", "--private-addresses"), ("-H A:b", "--header"),
        ] {
            let worker = "'\(file)' --supervised \(words)"
            let run = try RunningProgram.run("fetchpool", ["-q", "-w", "1", "--worker", worker, "data:,x"])
            #expect(run.end == .status(4), "\(words)")
            #expect(
                run.errors.contains(
                    "\(option) has no effect with --supervised; give it to the parent coordinator"
                )
            )
        }
        for words in ["-c 7", "--user-agent me", "--proxy http://localhost:1"] {
            let arguments = ["-q", "-w", "1", "-c", "7", "--worker", "'\(file)' --supervised \(words)"]
            let run = try RunningProgram.run("fetchpool", arguments + ["data:,x"])
            #expect(run.end == .status(0), "\(words): \(run.errors)")
        }
    }

    @Test(arguments: programs)
    func bothAcceptTheBoundsOfRanges(program: String) throws {
        let least = [
            "-c", "1", "--timeout", "1ms", "--dns-cache", "0", "--max-body", "0", "--max-redirects", "0",
        ]
        let most = [
            "--timeout", "1000h", "--dns-cache", "1000h", "--max-body", "1TiB", "--max-redirects", "100",
        ]
        for words in [least, most] {
            let run = try RunningProgram.run(program, words)
            #expect(run.end == .status(0), "\(run.errors)")
        }
    }
}
