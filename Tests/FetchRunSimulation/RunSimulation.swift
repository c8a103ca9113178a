// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Synchronization

/// The program that runs the coordinator in simulated worlds, one for each seed, and checks the rules of a
/// run.
///
///     run-simulation [--seeds N | --seconds N] [--from SEED]
///
/// By default, the program runs 2,000 seeds, and the first seed is 1. With `--seconds N`, the program ignores
/// `--seeds` and begins new seeds for N seconds. If the environment variable SIMULATION_SEED is set, the
/// program runs only this seed and prints the events.
///
/// The exit status is 1 if a rule was broken. Without `--seconds` and SIMULATION_SEED, the exit status is
/// also 1 if an event occurred fewer than 100 times. The exit status is 2 if an option or SIMULATION_SEED is
/// invalid.
@main
enum RunSimulation {
    /// The smallest number of times that each event must occur; with `--seconds`, any number is allowed.
    private static let leastOccurrences = 100

    static func main() {
        if let seed = ProcessInfo.processInfo.environment["SIMULATION_SEED"] {
            guard let seed = UInt64(seed) else { Options.refuse("SIMULATION_SEED must be a number") }
            return replay(seed)
        }
        let options = Options(CommandLine.arguments.dropFirst())
        let start = ContinuousClock().now
        let next = Atomic<UInt64>(options.from)
        let total = Mutex(RunTally())
        let isOver: @Sendable (UInt64) -> Bool = { seed in
            if let seconds = options.seconds { return ContinuousClock().now - start > .seconds(seconds) }
            return seed &- options.from >= UInt64(options.seeds)
        }
        DispatchQueue.concurrentPerform(iterations: ProcessInfo.processInfo.activeProcessorCount) { _ in
            var tally = RunTally()
            while true {
                let seed = next.wrappingAdd(1, ordering: .relaxed).oldValue
                if isOver(seed) { break }
                let world = RunWorld(seed: seed)
                world.run()
                tally.add(world.tally)
            }
            total.withLock { $0.add(tally) }
        }
        report(
            total.withLock { $0 },
            least: options.seconds == nil ? leastOccurrences : 0,
            seconds: (ContinuousClock().now - start) / .seconds(1)
        )
    }

    private static func report(_ tally: RunTally, least: Int, seconds: Double) {
        for name in RunTally.names { print("\(tally.counts[name, default: 0])\t\(name)") }
        print(
            "\(tally.seeds) seeds, \(tally.records) records, \(tally.turns) turns in "
                + "\(Int(seconds.rounded())) s: all rules held"
        )
        let gaps = RunTally.names.filter { tally.counts[$0, default: 0] < least }
        guard !gaps.isEmpty else { return }
        print("these events occurred fewer than \(least) times: \(gaps.joined(separator: ", "))")
        exit(1)
    }

    private static func replay(_ seed: UInt64) {
        let world = RunWorld(seed: seed) { print($0) }
        print("\(world.scenario.settings)")
        world.run()
        print("seed \(seed): all rules held")
    }

    private struct Options: Sendable {
        static func refuse(_ reason: String) -> Never {
            print("run-simulation: \(reason)")
            exit(2)
        }

        var seeds = 2_000
        var seconds: Int?
        var from: UInt64 = 1

        init(_ words: ArraySlice<String>) {
            var rest = words
            while let name = rest.popFirst() {
                guard ["--seeds", "--seconds", "--from"].contains(name) else {
                    Self.refuse("unknown option \(name)")
                }
                guard let number = rest.popFirst().flatMap({ UInt64($0) }) else {
                    Self.refuse("\(name) needs a number")
                }
                switch name {
                case "--seeds": seeds = Int(clamping: number)
                case "--seconds": seconds = Int(clamping: number)
                default: from = number
                }
            }
        }
    }
}
