// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Testing

@testable import FetchBench

/// Tests the results as a JSON document, and the search for versions and for the name of the processor in
/// texts.
struct JSONDocumentTests {
    @Test func documentHoldsTheFiguresOfSeriesAndTargets() throws {
        let results = BenchResults.sample(
            .sample(.small, "fetchpool", seconds: [0.5, 0.4, 0.6], peakKiB: ["fetchpool": 20_000]),
            .sample(.small, "Go net/http", seconds: [1])
        )
        let verdicts = Target.all.compactMap { $0.verdict(in: results) }
        let document = try #require(
            JSONSerialization.jsonObject(with: results.json(verdicts)) as? [String: Any]
        )
        #expect(document["v"] as? Int == 1)
        #expect((document["machine"] as? [String: Any])?["cores"] as? Int == 2)
        let series = try #require((document["series"] as? [[String: Any]])?.first)
        #expect(series["program"] as? String == "fetchpool")
        #expect((series["per_second"] as? [String: Double])?["median"] == 2_000)
        #expect((series["measurements"] as? [Any])?.count == 3)
        #expect(series["peak_kib"] as? [String: Int] == ["fetchpool": 20_000])
        let target = try #require((document["targets"] as? [[String: Any]])?.first)
        #expect(target["held"] as? Bool == true)
        #expect(target["at_least"] as? Double == 1.1)
        #expect(target["ratio"] as? Double == 2)
    }

    @Test(arguments: [
        ("go version go1.19.8 linux/amd64", "1.19.8"), ("nginx version: nginx/1.22.1", "1.22.1"),
        ("GNU parallel 20221122", "20221122"), ("curl 7.88.1 (x86_64-pc-linux-gnu)", "7.88.1"),
        ("Swift version 6.3.1 (swift-6.3.1-RELEASE)", "6.3.1"),
    ])
    func versionIsFoundInTheOutputOfPrograms(_ line: String, _ version: String) {
        #expect(Machine.version(in: line) == version)
    }

    @Test func processorHasTheNameOfTheFirstCore() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 2.0GHz\n\nprocessor\t: 1\nmodel name\t: Other\n"
        #expect(Machine.processor(in: text) == "Some CPU @ 2.0GHz")
    }
}
