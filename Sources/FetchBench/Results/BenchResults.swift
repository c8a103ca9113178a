// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// All measurements of a benchmark, and the machine on which they were made.
struct BenchResults: Sendable {
    let machine: Machine
    var rounds = 5
    /// The number and the mean size of the web pages, as text (`PageFolder.text`).
    var pages = ""
    var series: [Series] = []

    /// Returns the series of a contender; nil if there is no series with measurements.
    func series(_ workload: Workload, _ contender: String) -> Series? {
        series.first { $0.workload == workload && $0.contender == contender && !$0.measurements.isEmpty }
    }

    /// Returns the results as one JSON document.
    func json(_ verdicts: [Verdict]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            machine: machine,
            rounds: rounds,
            pages: pages,
            series: series.map(SeriesReport.init),
            targets: verdicts
        )
        return try encoder.encode(document) + Data("\n".utf8)
    }

    private struct Document: Encodable {
        let v = 1
        let machine: Machine
        let rounds: Int
        let pages: String
        let series: [SeriesReport]
        let targets: [Verdict]
    }

    /// A series, and the figures that are computed from its measurements.
    private struct SeriesReport: Encodable {
        let workload: Workload
        let program: String
        let isPeer: Bool
        let failure: String?
        let rate: Spread?
        let seconds: Spread?
        let cpuMilliseconds: Spread?
        let peakKiB: [String: Int]
        let okShare: Double?
        let measurements: [Measurement]

        init(_ series: Series) {
            (workload, program, isPeer) = (series.workload, series.contender, series.isPeer)
            (failure, rate, seconds) = (series.failure, series.rate, series.seconds)
            (cpuMilliseconds, peakKiB) = (series.cpuMilliseconds, series.peakKiB)
            (okShare, measurements) = (series.okShare, series.measurements)
        }

        private enum CodingKeys: String, CodingKey {
            case workload, program, failure, seconds, measurements
            case isPeer = "peer"
            case rate = "per_second"
            case cpuMilliseconds = "cpu_ms_per_item"
            case peakKiB = "peak_kib"
            case okShare = "ok_share"
        }
    }
}
