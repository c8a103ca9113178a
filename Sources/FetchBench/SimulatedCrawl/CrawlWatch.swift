// SPDX-License-Identifier: MIT
// fetchpool

/// The checks of a simulated crawl: limits and rates of hosts, waits after `Retry-After`, and one end for
/// each task.
///
/// The checks do not use the counts of the frontier.
struct CrawlWatch {
    /// A token bucket that counts the requests that the rate allows.
    ///
    /// A full bucket has the tokens of one second, but at least one.
    private struct Bucket {
        var tokens: Double
        var time = 0
    }

    private let plan: CrawlPlan
    private var buckets: [Bucket] = []
    /// A bit for each task; the bit is 1 if the task has ended.
    private var ended: [UInt64]
    /// The number of ends of tasks; a task that ends twice counts twice.
    private(set) var ends = 0
    /// The descriptions of the broken rules; only the first ten are kept.
    private(set) var faults: [String] = []

    init(_ plan: CrawlPlan) {
        self.plan = plan
        ended = [UInt64](repeating: 0, count: plan.tasks / 64 + 1)
        if let rate = plan.rate {
            buckets = [Bucket](repeating: Bucket(tokens: max(1, rate)), count: plan.hosts)
        }
    }

    /// Counts and checks a request that begins; `now` is the virtual time in nanoseconds.
    mutating func begins(_ number: Int, _ host: inout SimulatedHost, at now: Int) {
        host.inFlight += 1
        if let most = plan.perHost, Int(host.inFlight) > most {
            note("host \(number) has \(host.inFlight) requests in flight; the limit is \(most)")
        }
        if now < host.opens { note("host \(number) gets a request before the end of its Retry-After") }
        guard let rate = plan.rate else { return }
        let filled = buckets[number].tokens + Double(now - buckets[number].time) / 1e9 * rate
        buckets[number] = Bucket(tokens: min(max(1, rate), filled) - 1, time: now)
        // The tolerance is for rounding.
        if buckets[number].tokens < -0.001 { note("host \(number) gets more requests than \(rate)/s") }
    }

    /// Counts and checks the end of a task.
    mutating func ends(task: Int) {
        let bit: UInt64 = 1 << UInt64(task % 64)
        if ended[task / 64] & bit != 0 { note("task \(task) ends twice") }
        ended[task / 64] |= bit
        ends += 1
    }

    /// Notes a rule that was broken.
    mutating func note(_ fault: String) {
        if faults.count < 10 { faults.append(fault) }
    }
}
