// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Synchronization

/// Runs pools in made-up worlds, one a seed, and holds them to their rules.
///
///     pool-simulation [--seeds N] [--seconds N] [--from SEED]
///
/// With SIMULATION_SEED=n it runs that one alone and tells what happens. It ends with status 1 at a broken rule, or where a
/// thing that can happen did not happen often enough to be called tested.
@main
enum Simulation {
    /// How often each pair of event and phase must occur in a run of the gate.
    private static let leastOccurrences = 100

    static func main() {
        let options = Options(CommandLine.arguments.dropFirst())
        if let seed = ProcessInfo.processInfo.environment["SIMULATION_SEED"].flatMap({ UInt64($0) }) {
            replay(seed)
        }
        let start = ContinuousClock().now
        let next = Atomic<UInt64>(options.from)
        let total = Mutex(Tally())
        let isOver: @Sendable (UInt64) -> Bool = { seed in
            if let seconds = options.seconds { return (ContinuousClock().now - start) > .seconds(seconds) }
            return seed >= options.from + UInt64(options.seeds)
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
        report(total.withLock { $0 }, seconds: (ContinuousClock().now - start) / .seconds(1))
    }

    /// What some seeds came to.
    private struct Tally: Sendable {
        var seeds = 0
        var tasks = 0
        var events = 0
        var coverage = Coverage()
        var failure: (seed: UInt64, text: String)?

        mutating func run(_ seed: UInt64) {
            let world = World(seed: seed)
            do throws(Failure) {
                try world.run()
            } catch {
                failure = (seed, error.description)
            }
            seeds += 1
            tasks += world.scenario.tasks.count
            events += world.events
            coverage.add(world.coverage)
        }

        mutating func add(_ other: Tally) {
            (seeds, tasks, events) = (seeds + other.seeds, tasks + other.tasks, events + other.events)
            coverage.add(other.coverage)
            failure = failure ?? other.failure
        }
    }

    private static func report(_ tally: Tally, seconds: Double) -> Never {
        if let failure = tally.failure {
            print(
                "seed \(failure.seed): \(failure.text)\nreplay it with: SIMULATION_SEED=\(failure.seed) pool-simulation"
            )
            exit(1)
        }
        print(tally.coverage.table)
        print(
            "\(tally.seeds) seeds, \(tally.tasks) tasks, \(tally.events) events in \(Int(seconds.rounded())) s"
        )
        let gaps = tally.coverage.gaps(least: leastOccurrences)
        guard gaps.isEmpty else {
            print("too rare, fewer than \(leastOccurrences) times: " + gaps.joined(separator: ", "))
            exit(1)
        }
        exit(0)
    }

    private static func replay(_ seed: UInt64) -> Never {
        let world = World(seed: seed) { print($0) }
        print(
            "\(world.scenario.options), concurrency \(world.scenario.concurrency), end \(world.scenario.end)"
        )
        do throws(Failure) {
            try world.run()
            print("seed \(seed): all rules held")
            exit(0)
        } catch {
            print("seed \(seed): \(error)")
            exit(1)
        }
    }

    private struct Options: Sendable {
        var seeds = 2_000
        var seconds: Int?
        var from: UInt64 = 1

        init(_ words: ArraySlice<String>) {
            var rest = words
            while let name = rest.popFirst() {
                guard let number = rest.popFirst().flatMap({ Int($0) }), number >= 0 else {
                    fatalError("\(name) needs a number")
                }
                switch name {
                case "--seeds": seeds = number
                case "--seconds": seconds = number
                case "--from": from = UInt64(number)
                default: fatalError("unknown option \(name)")
                }
            }
        }
    }
}
