// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
package import Platform

// Functions that remove tasks from the frontier outside of the order of `popNext`: without a fetch, or to
// fetch a certain task now.

extension Frontier {
    /// Removes and returns up to `max` queued tasks that belong to no host, newest first.
    package mutating func withdrawNewest(max: Int) -> [WaitingTask] {
        var taken: [WaitingTask] = []
        for place in Array(tasks.newestFirst(of: hosts[0].queue)) where taken.count < max {
            if let task = withdraw(place) { taken.append(task) }
        }
        return taken
    }

    /// Removes and returns the queued task whose `RunTask.reference` is `reference`, if the task belongs to
    /// no host; otherwise returns `nil`.
    package mutating func withdraw(reference: Int) -> WaitingTask? {
        let places = tasks.newestFirst(of: hosts[0].queue)
        guard let place = places.first(where: { tasks[$0]?.task.reference == reference }) else { return nil }
        return withdraw(place)
    }

    /// Removes and returns the task whose `RunTask.reference` is `reference`; `nil` if the task does not wait
    /// in the frontier, or if its fetch cannot begin now.
    ///
    /// The host of the task, if there is one, counts the fetch as in flight.
    package mutating func pop(reference: Int, at now: PoolTime) -> (task: WaitingTask, ticket: HostTicket)? {
        advance(to: now)
        guard let place = tasks.all.first(where: { tasks[$0]?.task.reference == reference }) else {
            return nil
        }
        let host = tasks.host(at: place)
        // A task whose time for a retry has not come is in no queue.
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
}
