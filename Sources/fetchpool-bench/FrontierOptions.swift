// SPDX-License-Identifier: MIT
// fetchpool

import FetchBench
import FetchModel
import OptionTable

/// The command line of `fetchpool-bench frontier`.
struct FrontierOptions: Sendable {
    var plan = CrawlPlan()
    var perHost = 8
    var rate: Rate?
    var exponent = "1"
    var troublePercent = 10

    /// The options, one row each.
    static let table = OptionTable<FrontierOptions>(
        "fetchpool-bench frontier",
        version: ProductVersion.text,
        summary:
            "Crawls simulated hosts on a virtual clock with the frontier alone: the part of the coordinator that decides which fetch may begin.",
        sections: OptionSection(
            nil,
            .value(
                "--hosts",
                as: "N",
                sets: \.plan.hosts,
                accepting: .within(1...50_000_000),
                shownDefault: "1000000",
                help: "the number of hosts"
            ),
            .value(
                "--tasks",
                as: "N",
                sets: \.plan.tasks,
                accepting: .within(1...10_000_000_000),
                shownDefault: "100000000",
                help: "the number of tasks"
            ),
            .value(
                "--order",
                as: "ORDER",
                sets: \.plan.order,
                shownDefault: "random",
                help: "the order of the input: random, or sorted by host"
            ),
            .value(
                "--zipf",
                as: "EXPONENT",
                sets: \.exponent,
                accepting: .only("a number from 0 to 3 such as 1 or 0.8") { exponent(of: $0) != nil },
                shownDefault: "1",
                help: "how unequal the hosts are: 0 for equal hosts"
            ),
            .value(
                "--most-tasks",
                as: "N",
                sets: \.plan.mostTasksPerHost,
                accepting: .atLeast(0),
                shownDefault: "0: no bound",
                help: "the largest number of tasks of one host; a value below the mean counts as the mean"
            ),
            .value(
                "--in-flight",
                as: "N",
                sets: \.plan.slots,
                accepting: .within(1...1_000_000),
                shownDefault: "10000",
                help: "fetches in flight"
            ),
            .value(
                "--per-host",
                as: "N",
                sets: \.perHost,
                accepting: .within(0...60_000),
                shownDefault: "8",
                help: "fetches in flight to one host; 0: no limit"
            ),
            .value(
                "--rate",
                as: "N/s",
                sets: \.rate,
                shownDefault: "none",
                help: "fetches per second to one host"
            ),
            .value(
                "--read-ahead",
                as: "N",
                sets: \.plan.readAhead,
                accepting: .within(1...100_000_000),
                shownDefault: "as in a run",
                help: "tasks that are read ahead"
            ),
            .value(
                "--idle-hosts",
                as: "N",
                sets: \.plan.idleHosts,
                accepting: .atLeast(0),
                shownDefault: "as in a run",
                help: "idle hosts that are remembered"
            ),
            .value(
                "--trouble",
                as: "PERCENT",
                sets: \.troublePercent,
                accepting: .within(0...100),
                shownDefault: "10",
                help: "hosts that do not respond, refuse requests or fail"
            ),
            .value(
                "--seed",
                as: "N",
                sets: \.plan.seed,
                accepting: .atLeast(0),
                shownDefault: "1",
                help: "the seed of the random numbers"
            )
        )
    )

    private static func exponent(of text: String) -> Double? {
        Double(text).flatMap { (0...3).contains($0) ? $0 : nil }
    }

    /// The settings for these options.
    var finishedPlan: CrawlPlan {
        var plan = plan
        (plan.perHost, plan.rate) = (perHost == 0 ? nil : perHost, rate?.perSecond)
        (plan.exponent, plan.trouble) = (Self.exponent(of: exponent) ?? 1, Double(troublePercent) / 100)
        return plan
    }
}

extension CrawlPlan.Order: OptionValue {}
