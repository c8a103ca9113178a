// SPDX-License-Identifier: MIT
// fetchpool

import OptionTable
import Testing

@Suite struct UsageErrorTests {
    @Test(arguments: [
        (
            ["--worker-count", "3"],
            "unknown option '--worker-count'; did you mean '--workers'? try 'sample --help'"
        ),
        (["--work"], "unknown option '--work'; did you mean '--worker'? try 'sample --help'"),
        (["--ouput=x"], "unknown option '--ouput'; did you mean '--output'? try 'sample --help'"),
        (["--hlep"], "unknown option '--hlep'; did you mean '--help'? try 'sample --help'"),
        (["--xyz"], "unknown option '--xyz'; try 'sample --help'"),
        (["---"], "unknown option '---'; try 'sample --help'"),
        (["--=3"], "unknown option '--'; try 'sample --help'"),
        (["-z"], "unknown option '-z'; try 'sample --help'"),
        (["-5"], "unknown option '-5'; try 'sample --help'"),
        (["-qz"], "unknown option '-z' in '-qz'; try 'sample --help'"),
        (["-output", "x"], "unknown option '-output'; did you mean '--output'? try 'sample --help'"),
        (["--\u{1B}[2J\n"], "unknown option '--\\u{1B}[2J\\n'; try 'sample --help'"),
    ])
    func unknownOptionsAreNamed(words: [String], message: String) {
        #expect(Sample.complaint(about: words) == message)
    }

    @Test(arguments: [
        (["--workers"], "--workers needs a value (N)"),
        (["-qw"], "-w needs a value (N)"),
        (["-o", "-q"], "-o needs a value (FILE) before '-q'; if '-q' is the value, write '-o=-q'"),
        (
            ["--output", "--workers=3"],
            "--output needs a value (FILE) before '--workers=3'; "
                + "if '--workers=3' is the value, write '--output=--workers=3'"
        ),
        (["-o", "--"], "-o needs a value (FILE) before '--'; if '--' is the value, write '-o=--'"),
        (["--ordered=yes"], "--ordered takes no value"),
        (["-q=1"], "-q takes no value"),
        (["--help=x"], "--help takes no value"),
    ])
    func missingAndNeedlessValuesAreReported(words: [String], message: String) {
        #expect(Sample.complaint(about: words) == message)
    }

    @Test(arguments: [
        (["-w", "0"], "-w: expected a whole number from 1 to 1024, got '0'"),
        (["-w-4"], "-w: expected a whole number from 1 to 1024, got '-4'"),
        (["-w", "-4"], "-w: expected a whole number from 1 to 1024, got '-4'"),
        (["--workers=1025"], "--workers: expected a whole number from 1 to 1024, got '1025'"),
        (["--offset=1.5"], "--offset: expected a whole number, got '1.5'"),
        (["--offset=99999999999999999999"], "--offset: expected a whole number, got '99999999999999999999'"),
        (["--limit=0"], "--limit: expected a whole number of at least 1, got '0'"),
        (["--progress=x"], "--progress: expected auto, on or off, got 'x'"),
        (
            ["--timeout=0s"],
            "--timeout: expected a duration above zero such as 500ms, 30s, 5m or 1h, got '0s'"
        ),
        (
            ["--timeout=30"],
            "--timeout: expected a duration above zero such as 500ms, 30s, 5m or 1h, got '30'"
        ),
        (["--max-body=ten"], "--max-body: expected a size such as 64KiB, 10MB or 512, got 'ten'"),
        (["--rate=0"], "--rate: expected a rate above zero such as 10/s or 0.5/s, got '0'"),
        (
            ["--retry-status=408,x"],
            "--retry-status: expected a list with commas, each part a whole number from 100 to 599, got '408,x'"
        ),
        (["-x", "a 'b"], "-x: a single quote (') is not closed"),
        (["--exec", " "], "--exec: expected a command, got ' '"),
        (["--exec", "''"], "--exec: expected a command, got ''''"),
    ])
    func unreadableValuesAreExplained(words: [String], message: String) {
        #expect(Sample.complaint(about: words) == message)
    }

    @Test func longWordsAreCut() throws {
        let message = try #require(
            Sample.complaint(about: ["--offset", String(repeating: "9", count: 5_000)])
        )
        #expect(message.count < 150)
        #expect(message.hasSuffix("9…'"))
    }

    @Test func aTableWithoutOperandsRefusesAnOperand() {
        let table = OptionTable<Sample>("bare", version: "1", summary: "Takes nothing.")
        #expect(throws: UsageError("unexpected argument 'a'; try 'bare --help'")) {
            try table.parse(["a"], defaults: Sample())
        }
    }
}
