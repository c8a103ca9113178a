// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import Platform

/// The host with the most waiting tasks, while no task may begin; this host probably delays the run most.
package struct HostLimit: Hashable, Sendable {
    /// The name and port of the host.
    package var host: HostKey
    /// The number of tasks that wait for the host.
    package var tasks: Int
    /// The number of fetches of the host that are in flight.
    package var inFlight: Int
    /// The time until the rules of the host allow a fetch, in nanoseconds; 0 if the rules name no time.
    package var nanoseconds = 0
    /// The limit of requests per second, if only this limit delays the host now; otherwise `nil`.
    package var rate: Double?
    /// True if the host gives no response, and for this reason gets one request at a time.
    package var isSilent = false
    /// True if each waiting task of the host waits for the time of its retry.
    package var isRetry = false
    /// The number of other hosts with waiting tasks.
    package var others = 0
}

extension Frontier {
    /// Returns the host with the most waiting tasks; `nil` if there is none, or if a fetch may begin now.
    ///
    /// The function looks at all hosts, so it is too slow to be called for each task.
    package func limit(at now: PoolTime) -> HostLimit? {
        guard !hasTurns, !isEmpty else { return nil }
        var (busiest, most, others) = (0, 0, -1)
        for host in hosts.indices.dropFirst() {
            let tasks = waiting(host)
            guard tasks > 0 else { continue }
            others += 1
            if tasks > most { (busiest, most) = (host, tasks) }
        }
        guard most > 0 else { return nil }
        let host = hosts[busiest]
        var limit = HostLimit(host: host.key, tasks: most, inFlight: host.state.inFlight, others: others)
        limit.isSilent = host.state.isDead
        limit.isRetry = host.queue.isEmpty
        if case .at(let time) = host.state.permission(at: now) {
            limit.nanoseconds = time - now
            if host.state.waitsUntil <= now, !limit.isSilent { limit.rate = rules?.rate }
        }
        return limit
    }

    private func waiting(_ host: Int) -> Int { hosts[host].queue.count + hosts[host].waitingRetries }
}
