// SPDX-License-Identifier: MIT
// fetchpool

/// The settings of a simulated crawl (`SimulatedCrawl`), which uses the real frontier and simulated hosts.
package struct CrawlPlan: Sendable {
    /// The order of the tasks in the input.
    package enum Order: String, CaseIterable, Sendable {
        /// The host of each task is drawn at random, in proportion to the host's share of tasks.
        case random
        /// All tasks of a host follow each other.
        case sorted
    }

    /// The number of hosts, at least 1.
    package var hosts = 1_000_000
    /// The number of tasks, at least 1.
    package var tasks = 100_000_000
    /// The order of the input.
    package var order = Order.random
    /// The exponent of Zipf's law: the host with rank r has a share of tasks in proportion to r^-exponent.
    ///
    /// With 0, all hosts have the same share.
    package var exponent = 1.0
    /// The largest number of tasks of one host; 0 for no bound.
    ///
    /// A positive number below the mean number of tasks per host counts as this mean. In random order, the
    /// bound holds only on average, because the host of each task is drawn at random.
    package var mostTasksPerHost = 0
    /// The largest number of fetches in flight.
    package var slots = 10_000
    /// The largest number of fetches in flight to one host; `nil` for no limit.
    package var perHost: Int? = 8
    /// The largest number of fetches per second to one host; `nil` for no limit.
    package var rate: Double?
    /// The largest number of tasks that are read ahead; `nil` for the default of a run.
    package var readAhead: Int?
    /// The number of idle hosts above which the frontier forgets hosts; `nil` for the default of a run.
    package var idleHosts: Int?
    /// The share of hosts that give trouble, from 0 to 1; see `SimulatedHost.Manner`.
    package var trouble = 0.1
    /// The seed of all random numbers.
    package var seed = 1

    /// Creates the settings of the full size: a million hosts and 100 million tasks.
    package init() {}
}
