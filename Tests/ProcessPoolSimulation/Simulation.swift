// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Synchronization

/// The program that runs pools in simulated worlds, one for each seed, and checks the rules of a pool.
///
///     pool-simulation [--seeds N | --seconds N] [--from SEED]
///
/// The exit status is 1 if a rule was broken, or if an impossible pair of event and state (`Coverage`)
/// occurred. Without `--seconds`, the exit status is also 1 if a fate of a task, or a possible pair of event
/// and state, occurred too rarely.
///
/// With SIMULATION_SEED=n in the environment, the program runs only that seed and prints a trace. The exit
/// status is then 1 only if a rule was broken.
///
/// The exit status is 2 if an option or SIMULATION_SEED cannot be used.
@main
enum Simulation {
    /// The number of times that each possible pair of event and state, and each fate of a task, must occur.
    ///
    /// A tenth of this number is enough for a rare pair. With `--seconds`, this number is not checked.
    private static let leastOccurrences = 100

    static func main() {
        let options = SimulationOptions(CommandLine.arguments.dropFirst())
        if let seed = ProcessInfo.processInfo.environment["SIMULATION_SEED"] {
            guard let seed = UInt64(seed) else {
                SimulationOptions.refuse("SIMULATION_SEED must be a number")
            }
            replay(seed)
        }
        let start = ContinuousClock().now
        let next = Atomic<UInt64>(options.from)
        let total = Mutex(Tally())
        let isOver: @Sendable (UInt64) -> Bool = { seed in
            if total.withLock({ $0.failure != nil }) { return true }
            if let seconds = options.seconds { return ContinuousClock().now - start > .seconds(seconds) }
            return seed &- options.from >= UInt64(options.seeds)
        }
        DispatchQueue.concurrentPerform(iterations: ProcessInfo.processInfo.activeProcessorCount) { _ in
            var tally = Tally()
            while tally.failure == nil {
                let seed = next.wrappingAdd(1, ordering: .relaxed).oldValue
                if isOver(seed) { break }
                tally.run(seed)
            }
            total.withLock { $0.add(tally) }
        }
        report(
            total.withLock { $0 },
            from: options.from,
            least: options.seconds == nil ? leastOccurrences : 0,
            seconds: (ContinuousClock().now - start) / .seconds(1)
        )
    }

    private static func report(_ tally: Tally, from: UInt64, least: Int, seconds: Double) -> Never {
        if let failure = tally.failure {
            print("seed \(failure.seed): \(failure.text)")
            print("replay it with: SIMULATION_SEED=\(failure.seed) Scripts/simulate pools")
            exit(1)
        }
        print(tally.coverage.table)
        print(
            "\(tally.seeds) seeds from \(from), \(tally.tasks) tasks, \(tally.workers) workers, "
                + "\(tally.events) events in \(Int(seconds.rounded())) s: all rules held"
        )
        let gaps = tally.coverage.gaps(least: least)
        guard gaps.isEmpty else {
            print(
                "each possible pair and each fate must occur at least \(least) times, a rare pair a tenth "
                    + "of that, and an impossible pair never, but: " + gaps.joined(separator: "; ")
            )
            exit(1)
        }
        exit(0)
    }

    private static func replay(_ seed: UInt64) -> Never {
        let world = World(seed: seed) { print($0) }
        print(world.scenario.description)
        do throws(Failure) {
            try world.run()
            print("seed \(seed): all rules held")
            exit(0)
        } catch {
            print("seed \(seed): \(error)")
            exit(1)
        }
    }
}
