// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import Platform

// Functions that remove tasks from the frontier without a fetch, and a function that finds the host that
// delays the run.

extension Frontier {
    /// Removes and returns up to `max` tasks that belong to no host, newest first.
    package mutating func withdrawNewest(max: Int) -> [WaitingTask] {
        var taken: [WaitingTask] = []
        for place in Array(tasks.newestFirst(of: hosts[0].queue)) where taken.count < max {
            if let task = withdraw(place) { taken.append(task) }
        }
        return taken
    }

    /// Removes and returns the waiting task with a reference, if the task belongs to no host; otherwise
    /// returns `nil`.
    package mutating func withdraw(reference: Int) -> WaitingTask? {
        let places = tasks.newestFirst(of: hosts[0].queue)
        guard let place = places.first(where: { tasks[$0]?.task.reference == reference }) else { return nil }
        return withdraw(place)
    }

    /// Removes and returns the task with a reference; `nil` if it does not wait here, or may not be fetched
    /// now.
    ///
    /// As after `popNext`, the host of the task counts the fetch as in flight.
    package mutating func pop(reference: Int, at now: PoolTime) -> (task: WaitingTask, ticket: HostTicket)? {
        advance(to: now)
        guard let place = tasks.all.first(where: { tasks[$0]?.task.reference == reference }) else {
            return nil
        }
        let host = tasks.host(at: place)
        // A task that waits for a retry is in no queue.
        guard tasks.newestFirst(of: hosts[host].queue).contains(place) else { return nil }
        return begin(place, of: host, at: now)
    }

    /// Removes and returns all waiting tasks, in the order of the input.
    package mutating func withdrawAll() -> [WaitingTask] {
        var all = withdrawRetries()
        for place in Array(tasks.all) {
            if let task = withdraw(place) { all.append(task) }
        }
        return all.sorted { $0.ordinal < $1.ordinal }
    }

    /// Returns the host that delays the run; `nil` if a fetch may begin now, or if no host has waiting tasks.
    ///
    /// The returned host has the largest number of waiting tasks.
    package func limit(at now: PoolTime) -> HostLimit? {
        guard !hasTurns, let busiest = hosts.indices.dropFirst().max(by: { waiting($0) < waiting($1) }),
            waiting(busiest) > 0
        else { return nil }
        let host = hosts[busiest]
        var limit = HostLimit(host: host.key, tasks: waiting(busiest), inFlight: host.state.inFlight)
        if host.state.inFlight == 0, case .at(let time) = host.state.permission(at: now) {
            limit.nanoseconds = time - now
        }
        return limit
    }

    private func waiting(_ host: Int) -> Int { hosts[host].queue.count + hosts[host].waitingRetries }
}

/// A host that delays the run.
package struct HostLimit: Hashable, Sendable {
    /// The name and port of the host.
    package var host: HostKey
    /// The number of tasks that wait for the host.
    package var tasks: Int
    /// The number of fetches of the host that are in flight.
    package var inFlight: Int
    /// The time until the next fetch of the host may begin, in nanoseconds; 0 while a fetch of the host is in
    /// flight.
    package var nanoseconds = 0

    /// The texts for the progress line, from the longest to the shortest.
    package var texts: [String] {
        let lines = "\(tasks) \(tasks == 1 ? "line waits" : "lines wait")"
        let state =
            nanoseconds >= 1_000_000_000
            ? "left alone for \(nanoseconds / 1_000_000_000) s" : "\(inFlight) in flight"
        return ["\(lines) for \(host), \(state)", "\(lines) for \(host)", lines]
    }
}
