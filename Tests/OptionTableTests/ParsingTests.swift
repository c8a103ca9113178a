// SPDX-License-Identifier: MIT
// fetchpool

import OptionTable
import Testing

@Suite struct ParsingTests {
    @Test func noWordsLeaveTheDefaults() throws {
        let settings = try Sample.reading([])
        #expect(settings.workers == 2)
        #expect(settings.limit == nil)
        #expect(settings.urls.isEmpty)
    }

    @Test(arguments: [
        ["-w4"], ["-w", "4"], ["-w=4"], ["--workers", "4"], ["--workers=4"], ["-qw4"], ["-vqw", "4"],
        ["-w", "9", "--workers=4"],
    ])
    func everySpellingOfAValueIsRead(words: [String]) throws {
        #expect(try Sample.reading(words).workers == 4)
    }

    @Test(arguments: [
        (["-q"], Loudness.quiet), (["-qv"], .verbose), (["-vq"], .quiet), (["--quiet"], .quiet),
    ])
    func theLastSwitchWins(words: [String], loudness: Loudness) throws {
        #expect(try Sample.reading(words).loudness == loudness)
    }

    @Test func repeatableValuesKeepTheirOrder() throws {
        #expect(
            try Sample.reading(["-i", "a", "--input=b", "-", "-ic", "-i", "-"]).inputs == [
                "a", "b", "c", "-",
            ]
        )
        let commands = try Sample.reading(["--worker", "a 'b c'", "--worker=d"]).commands
        #expect(commands == [["a", "b c"], ["d"]])
    }

    @Test(arguments: [
        (["a", "--ordered", "b"], ["a", "b"]),
        (["-", "x=y", ""], ["-", "x=y", ""]),
        (["a", "--", "--ordered", "-w", "--", "-h"], ["a", "--ordered", "-w", "--", "-h"]),
        (["--"], []),
    ])
    func operandsAreCollected(words: [String], operands: [String]) throws {
        #expect(try Sample.reading(words).urls == operands)
    }

    @Test func wordsAfterTheDoubleHyphenAreNotOptions() throws {
        #expect(try Sample.reading(["--", "--ordered"]).isOrdered == false)
        #expect(try Sample.reading(["--ordered", "--"]).isOrdered)
    }

    @Test(arguments: [["--offset", "-4"], ["--offset=-4"]])
    func negativeNumbersAreValues(words: [String]) throws {
        #expect(try Sample.reading(words).offset == -4)
    }

    @Test(arguments: [
        (["-o", "-"], "-"), (["--output="], ""), (["--output", ""], ""), (["--output=a=b"], "a=b"),
        (["--output=--workers"], "--workers"), (["-o-q"], "-q"), (["-o", "-unknown"], "-unknown"),
        (["--output=\u{301}x"], "\u{301}x"), (["-o\u{301}x"], "\u{301}x"), (["-o", "a", "-o", "b"], "b"),
    ])
    func textIsTakenUnchanged(words: [String], output: String) throws {
        #expect(try Sample.reading(words).output == output)
    }

    @Test(arguments: [["--version"], ["a", "--version", "--bogus"]])
    func versionIsPrinted(words: [String]) throws {
        #expect(try Sample.text(for: words) == "sample 1.2")
    }

    @Test(arguments: [["-h"], ["--help"], ["-qh"], ["-w", "3", "-h", "--bogus"]])
    func helpIsPrinted(words: [String]) throws {
        #expect(try Sample.text(for: words) == Sample.table.helpText)
    }

    @Test func valuesReachTheirSettings() throws {
        let settings = try Sample.reading([
            "--limit=7", "--retry-status=408,425", "--timeout=1.5s", "--max-body=64KiB", "--rate=0.5/s",
            "--progress", "off", "--ordered", "-x", "python3 'my worker.py' --fast",
        ])
        #expect(settings.limit == 7)
        #expect(settings.statuses == [408, 425])
        #expect(settings.timeout == .milliseconds(1500))
        #expect(settings.maxBody == ByteCount(bytes: 65_536))
        #expect(settings.rate == Rate(perSecond: 0.5))
        #expect(settings.progress == .off)
        #expect(settings.isOrdered)
        #expect(settings.exec == ["python3", "my worker.py", "--fast"])
    }
}
