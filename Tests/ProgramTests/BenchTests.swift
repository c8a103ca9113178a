// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests of `fetchpool-bench` with few tasks: its measurements, its simulation of many hosts, its reports,
/// its help, and wrong usage.
@Suite(.ownThread)
struct BenchTests {
    /// The members of the JSON report that the tests read.
    private struct Document: Decodable {
        struct Series: Decodable {
            let workload: String
            let program: String
            let failure: String?
            let measurements: [Measurement]
        }
        struct Measurement: Decodable {
            let items: Int
            let ok: Int
            let seconds: Double
        }
        let series: [Series]
    }

    @Test(.ownThread(isFirst: true)) func eachProgramIsMeasuredInEachRound() throws {
        let folder = try ScratchFolder()
        let (json, markdown) = ("\(folder.path)/result.json", "\(folder.path)/result.md")
        let short = "\(folder.path)/short.md"
        let run = try RunningProgram.run(
            "fetchpool-bench",
            [
                "small", "pages", "crashes", "--scale", "0.001", "--rounds", "2", "--json", json,
                "--markdown", markdown, "--short-markdown", short,
            ],
            within: .seconds(120)
        )
        #expect(run.end == .status(0), "\(run.output)\(run.errors)")
        let data = try Data(contentsOf: URL(fileURLWithPath: json))
        let document = try JSONDecoder().decode(Document.self, from: data)
        let workloads =
            ["small"] + Array(repeating: "pages", count: 4) + Array(repeating: "crashes", count: 3)
        #expect(document.series.map(\.workload) == workloads)
        for series in document.series {
            #expect(series.failure == nil)
            #expect(series.measurements.count == 2)
            for measurement in series.measurements {
                let crashed = series.program.contains("1 % crash") ? 1 : 0
                #expect(measurement.ok == measurement.items - crashed, "\(series.program)")
                #expect(measurement.items >= 20)
                #expect(measurement.seconds > 0)
            }
        }
        #expect(run.output.contains("fetchpool, 1 % crash : fetchpool, no crashes"))
        #expect(try String(contentsOfFile: markdown, encoding: .utf8).contains("| small | fetchpool |"))
        // The programs with which this table compares fetchpool were not measured, so the table has a
        // heading and no rows.
        #expect(try String(contentsOfFile: short, encoding: .utf8).hasPrefix("| per second | fetchpool |"))
    }

    @Test func pagesOfACorpusAreProcessedAndCompared() throws {
        let folder = try ScratchFolder()
        for number in 0..<20 {
            let page = "<title>\(number)</title><p>a b <a href=/\(number)>c</a>"
            try page.write(toFile: "\(folder.path)/\(number).html", atomically: false, encoding: .utf8)
        }
        let corpus = ["--corpus", folder.path]
        let words = ["pages", "--scale", "0.02", "--rounds", "1"]
        let run = try RunningProgram.run("fetchpool-bench", words + corpus, within: .seconds(120))
        #expect(run.end == .status(0), "\(run.output)\(run.errors)")
        #expect(run.output.contains("20 pages of the corpus of 0.0"))
        let rows = [
            "fetchpool, links", "the processor links alone", "fetchpool, text", "the processor text alone",
        ]
        for row in rows { #expect(run.output.contains("\n  \(row): MB of pages in a second of one core: ")) }
        #expect(run.output.contains("processor time of 149 KB, links : 1.8 ms"))
    }

    @Test func compositionShowsTheCorpusBesideTheGeneratedPages() throws {
        let folder = try ScratchFolder()
        try "<p>a b</p>".write(toFile: "\(folder.path)/a.html", atomically: false, encoding: .utf8)
        let words = ["--composition", "--corpus", folder.path]
        let run = try RunningProgram.run("fetchpool-bench", words, within: .seconds(120))
        #expect(run.end == .status(0), "\(run.output)\(run.errors)")
        #expect(run.output.hasPrefix("| pages | generated | \(folder.path) |\n"))
        #expect(run.output.contains("\n| number | 100 | 1 |\n"))
        #expect(run.output.contains(" | 200 |\n| bytes of tags"), "\(run.output)")
    }

    @Test func corpusWithoutPagesIsNamed() throws {
        let folder = try ScratchFolder()
        let run = try RunningProgram.run("fetchpool-bench", ["pages", "--corpus", folder.path])
        #expect(run.end == .status(1))
        #expect(run.errors.contains("'\(folder.path)' holds no HTML files"))
    }

    /// Without limits, two caches of libcurl would grow with each host.
    ///
    /// libcurl searches these caches for each fetch.
    @Test(.ownThread(isFirst: true))
    func quickCheckFindsThatFetchesAfterManyHostsCostLittleMoreThanEarlyFetches() throws {
        let run = try RunningProgram.run(
            "fetchpool-bench",
            ["small", "--quick", "--rounds", "1", "--scale", "0.01"],
            within: .seconds(240)
        )
        #expect(run.end == .status(0), "\(run.output)\(run.errors)")
        #expect(run.output.contains("in processor time; the limit is 1.5: as expected"), "\(run.output)")
    }

    @Test func simulatedHostsAreCrawled() throws {
        let words = ["frontier", "--hosts", "500", "--tasks", "5000", "--in-flight", "100", "--rate", "5/s"]
        let run = try RunningProgram.run("fetchpool-bench", words, within: .seconds(60))
        #expect(run.end == .status(0), "\(run.output)\(run.errors)")
        #expect(run.output.hasSuffix("checks: no host above its limits, each task ended once\n"))
        #expect(run.output.contains("\n5,000 tasks: "))
    }

    @Test(arguments: [
        (["nothing"], "there is no workload 'nothing'"),
        (["--quick", "--peers", "x"], "--quick cannot be combined with --peers"),
        (["--renew-baseline"], "needs --baseline"), (["--baseline", "x"], "needs --quick"),
        (["--corpus", "x"], "write: pages --corpus DIR"),
        (["pages", "python", "--corpus", "x"], "--corpus works only with the workload pages"),
        (["--scale", "0"], "--scale"), (["--rounds", "0"], "--rounds"),
        (["frontier", "--zipf", "nan"], "a number from 0 to 3"), (["frontier", "--order", "up"], "sorted"),
        (["frontier", "--hosts", "0"], "--hosts"),
    ])
    func wrongUsageIsRefused(_ words: [String], _ sentence: String) throws {
        let run = try RunningProgram.run("fetchpool-bench", words)
        #expect(run.end == .status(2))
        #expect(run.errors.contains(sentence), "\(run.errors)")
    }

    @Test(arguments: [(["--help"], "Benchmark"), (["frontier", "--help"], "BillionURLs")])
    func helpIsTheTextOnItsPage(_ words: [String], _ page: String) throws {
        let help = try RunningProgram.run("fetchpool-bench", words)
        #expect(help.end == .status(0))
        let snippets = try Snippet.all(of: DocumentationPages.catalogue + "/\(page).md")
        #expect(snippets.contains { $0.language == "text" && $0.text == help.output })
    }
}
