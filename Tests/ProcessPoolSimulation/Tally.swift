// SPDX-License-Identifier: MIT
// fetchpool

/// The sum of the results of some seeds.
struct Tally: Sendable {
    private(set) var seeds = 0
    private(set) var tasks = 0
    private(set) var workers = 0
    private(set) var events = 0
    private(set) var coverage = Coverage()
    /// A seed at which a rule was broken, and the rule; `nil` if there was none.
    private(set) var failure: (seed: UInt64, text: String)?

    /// Runs the world of a seed to its end.
    mutating func run(_ seed: UInt64) {
        let world = World(seed: seed)
        do throws(Failure) {
            try world.run()
        } catch {
            failure = (seed, error.description)
        }
        seeds += 1
        tasks += world.ledger.endedTasks
        workers += world.workers.count
        events += world.events
        coverage.add(world.coverage)
    }

    mutating func add(_ other: Tally) {
        (seeds, tasks) = (seeds + other.seeds, tasks + other.tasks)
        (workers, events) = (workers + other.workers, events + other.events)
        coverage.add(other.coverage)
        failure = failure ?? other.failure
    }
}
