// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestPrograms
import TestThreads
import Testing

/// Tests that the benchmark runs on few tasks and reports its measurements.
@Suite(.ownThread)
struct BenchTests {
    /// The members that are read from the report.
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

    @Test func eachProgramIsMeasuredInEachRound() throws {
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
        #expect(document.series.map(\.workload) == ["small", "pages", "crashes", "crashes", "crashes"])
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
        // The other programs were not measured, so the table has no other columns.
        #expect(try String(contentsOfFile: short, encoding: .utf8).hasPrefix("| per second | fetchpool |"))
    }

    /// Without limits, two caches of libcurl grow with each host, and libcurl searches them for each fetch.
    @Test func quickCheckFindsThatLateHostsCostTheSame() throws {
        let run = try RunningProgram.run(
            "fetchpool-bench",
            ["small", "--quick", "--rounds", "1", "--scale", "0.01"],
            within: .seconds(240)
        )
        #expect(run.end == .status(0), "\(run.output)\(run.errors)")
        #expect(run.output.contains("in processor time; at most 1.5: as expected"), "\(run.output)")
    }

    @Test(arguments: [
        (["nothing"], "there is no workload 'nothing'"),
        (["--quick", "--peers", "x"], "--quick takes no --peers"),
        (["--renew-baseline"], "needs --baseline"), (["--baseline", "x"], "needs --quick"),
        (["--scale", "0"], "--scale"), (["--rounds", "0"], "--rounds"),
    ])
    func wrongUsageIsRefused(_ words: [String], _ sentence: String) throws {
        let run = try RunningProgram.run("fetchpool-bench", words)
        #expect(run.end == .status(2))
        #expect(run.errors.contains(sentence), "\(run.errors)")
    }

    @Test func helpIsTheTextOnItsPage() throws {
        let help = try RunningProgram.run("fetchpool-bench", ["--help"])
        #expect(help.end == .status(0))
        let snippets = try Snippet.all(of: DocumentationPages.catalogue + "/Benchmark.md")
        #expect(snippets.contains { $0.language == "text" && $0.text == help.output })
    }
}
