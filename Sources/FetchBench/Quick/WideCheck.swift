// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import LoopbackFixture

/// The part of `--quick` that fails if the hosts that a run has met make later fetches dearer.
///
/// It compares processor times of the same minute, so that the machine, and what else it does, matters little.
struct WideCheck {
    /// Where our programs lie.
    let programFolder: String
    /// Where lists go.
    let folder: TemporaryFolder

    /// The most that a later fetch may cost, as a multiple of an early one.
    static let allowance = 1.5
    /// The hosts of an early part, and of all.
    static let (few, many) = (1_000, 8_000)

    /// The least of so many runs is taken: what disturbs a run only adds to it.
    private static let runs = 3

    /// The cost of a fetch after the first `few` hosts as a multiple of the cost before, from the processor times of runs
    /// over one, `few` and `many` hosts.
    static func growth(one: Double, few: Double, many: Double) -> Double {
        let early = max(few - one, 0.000_1) / Double(Self.few)
        return (many - few) / Double(Self.many - Self.few) / early
    }

    /// Measures, and returns a line, and whether later fetches are as cheap.
    ///
    /// - Throws: `BenchError` if a run fails.
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
            "a fetch after \(Figure.grouped(Self.few)) hosts costs \(Figure.short(growth)) times one before, "
            + "in processor time; at most \(Figure.plain(Self.allowance)): \(isGood ? "as expected" : "TOO MUCH")"
        return (text, isGood)
    }

    /// The processor time of one worker that fetches a page of each of so many hosts.
    private func seconds(_ hosts: Int, _ port: String) throws -> Double {
        let lines = (0..<hosts).map { "http://127.1.\($0 / 250).\(1 + $0 % 250):\(port)/get" }
        let list = try folder.write(lines, to: "wide-\(hosts)")
        let options = ["--quiet", "--progress", "off", "--workers", "1", "--output", "/dev/null"]
        let command = Command(programFolder + "/fetchpool", options + ["--input", list])
        let run = try ProgramRun.run(command, in: folder.path)
        guard run.status == 0 else {
            throw BenchError("not all of \(hosts) hosts were fetched (status \(run.status))")
        }
        return run.cpuSeconds
    }
}
