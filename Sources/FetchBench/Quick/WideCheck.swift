// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import LoopbackFixture

/// The check of `--quick` that fails if a fetch after many hosts costs more than 1.5 times as much as an
/// early fetch.
///
/// The check compares processor times, so the load of the machine matters little.
struct WideCheck {
    let programFolder: String
    let folder: TemporaryFolder

    /// The largest allowed result of `growth`.
    static let allowance = 1.5
    /// The numbers of hosts in a short and in a long run.
    static let (few, many) = (1_000, 8_000)

    /// The number of runs with each number of hosts; the least time counts, because disturbances add time.
    private static let runs = 3

    /// Returns the mean cost of a fetch after the first 1,000 hosts, divided by the mean cost of an earlier
    /// fetch.
    ///
    /// The parameters are the processor times of runs with 1, 1,000 and 8,000 hosts, in seconds.
    static func growth(one: Double, few: Double, many: Double) -> Double {
        let early = max(few - one, 0.000_1) / Double(Self.few)
        return (many - few) / Double(Self.many - Self.few) / early
    }

    /// Measures the growth; returns a line of text, and true if the growth is allowed.
    ///
    /// - Throws: `BenchError` if a run fails, `FixtureError` if the server does not start, or an error of
    ///   Foundation if a list cannot be written.
    func run() throws -> (text: String, isGood: Bool) {
        let program = Command(programFolder + "/fixture-server", ["--address", "0.0.0.0"])
        let server = try FixtureServer(program)
        defer { server.end() }
        let port = String(server.address.split(separator: ":").last ?? "")
        var least: [Int: Double] = [:]
        for _ in 0..<Self.runs {
            for hosts in [1, Self.few, Self.many] {
                least[hosts] = min(least[hosts] ?? .infinity, try seconds(hosts, port))
            }
        }
        guard let one = least[1], let few = least[Self.few], let many = least[Self.many] else {
            return ("", false)
        }
        let growth = Self.growth(one: one, few: few, many: many)
        let isGood = growth <= Self.allowance
        let text =
            "a fetch after \(Figure.grouped(Self.few)) hosts costs \(Figure.short(growth)) times as much as an earlier one, "
            + "in processor time; the limit is \(Figure.plain(Self.allowance)): \(isGood ? "as expected" : "TOO MUCH")"
        return (text, isGood)
    }

    /// Returns the processor time of fetchpool for one page from each of `hosts` hosts, in seconds.
    private func seconds(_ hosts: Int, _ port: String) throws -> Double {
        let lines = (0..<hosts).map { "http://127.1.\($0 / 250).\(1 + $0 % 250):\(port)/get" }
        let list = try folder.write(lines, to: "wide-\(hosts)")
        let options = ["--quiet", "--progress", "off", "--workers", "1", "--output", "/dev/null"]
        let command = Command(programFolder + "/fetchpool", options + ["--input", list])
        let run = try ProgramRun.run(command, in: folder.path)
        guard run.status == 0 else {
            throw BenchError("fetchpool ended with status \(run.status) in a run over \(hosts) hosts")
        }
        return run.cpuSeconds
    }
}
