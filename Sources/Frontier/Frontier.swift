// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import Platform

/// The tasks that wait for a fetch, by host, and the order in which their fetches may begin.
///
/// The caller passes in times and random numbers; the frontier does no I/O. Hosts take turns. If no fetch of
/// a host may begin now, the host is passed over and delays no other host. A task that will be retried also
/// waits here; when its time comes, it goes before the other tasks of its host. These conditions hold after
/// each call:
///
/// - Each task of a host waits for a fetch, or has a fetch in flight that the host counts, or has left.
/// - No fetch begins before the time that its host allows, or above the host's limit of fetches in flight.
/// - A host with queued tasks has an entry in `turns` or a timer, unless another fetch of the host must end
///   first.
package struct Frontier: Sendable {
    let rules: HostRules?
    var tasks = TaskQueues()
    var hosts: HostTable
    private var timers = TimerHeap()
    private var turns = Deque<Int32>()
    /// The estimated memory of the waiting tasks, in bytes.
    package private(set) var bytes = 0

    /// Creates a frontier with `rules`; without rules, tasks leave in the order in which they came.
    package init(_ rules: HostRules?) {
        self.rules = rules
        hosts = HostTable(rules ?? HostRules())
    }

    /// The number of waiting tasks, including tasks that wait for a retry.
    package var count: Int { tasks.count }

    /// True if no task waits.
    package var isEmpty: Bool { count == 0 }

    /// True if the run must read no more input ahead; never true without rules.
    package var isFull: Bool {
        guard let rules else { return false }
        return count >= rules.mostLines || bytes >= rules.mostBytes
    }

    /// The next time at which a task may become ready; `nil` if there is no timer.
    package var nextWake: PoolTime? { timers.first?.time }

    /// The number of remembered hosts.
    package var hostCount: Int { hosts.count }

    /// True if at least one host has an entry in `turns`.
    package var hasTurns: Bool { !turns.isEmpty }

    // MARK: Adding tasks

    /// Returns the number of a host; a host that is not remembered is added.
    ///
    /// The number is 0 if there are no rules, or if `hash` is 0, which means no host.
    package mutating func host(_ hash: HostHash, name: Span<UInt8>, port: UInt16, at now: PoolTime) -> Int {
        guard rules != nil, hash != 0 else { return 0 }
        return hosts.number(of: hash, name: name, port: port, at: now)
    }

    /// Begins a fetch of a new task without adding the task, and returns the ticket of the fetch; `nil` if
    /// the fetch cannot begin now.
    ///
    /// Call this function only while `popNext` returns `nil`.
    package mutating func pass(_ host: Int, at now: PoolTime) -> HostTicket? {
        guard host != 0 else { return HostTicket(host: 0, incident: 0) }
        guard hosts[host].queue.isEmpty, hosts[host].state.permission(at: now) == .granted else { return nil }
        return HostTicket(host: host, incident: hosts[host].state.begin(at: now))
    }

    /// Adds a task at the end of its host's queue.
    package mutating func add(_ task: WaitingTask, of host: Int, at now: PoolTime) {
        bytes += task.bytes
        let place = tasks.store(task, of: host)
        tasks.append(place, to: &hosts[host].queue)
        hosts[host].state.expect(at: now)
        offerTurn(to: host, at: now)
    }

    // MARK: Beginning and ending fetches

    /// Handles the timers whose time has come.
    package mutating func advance(to now: PoolTime) {
        while let timer = timers.takeFirst(until: now) {
            switch timer.subject {
            case .task(let place):
                let host = tasks.host(at: place)
                hosts[host].waitingRetries -= 1
                tasks.prepend(place, to: &hosts[host].queue)
                offerTurn(to: host, at: now)
            case .host(let host):
                // A timer is stale if an earlier timer has replaced it, or if its host was forgotten.
                guard hosts[host].wakesAt == timer.time else { continue }
                hosts[host].wakesAt = nil
                offerTurn(to: host, at: now)
            }
        }
    }

    /// Removes and returns the next task that may be fetched; `nil` if there is none.
    ///
    /// The host of the task, if there is one, counts the fetch as in flight.
    package mutating func popNext(at now: PoolTime) -> (task: WaitingTask, ticket: HostTicket)? {
        if !timers.isEmpty { advance(to: now) }
        while let host = turns.popFirst().map(Int.init) {
            hosts[host].hasTurn = false
            guard hosts[host].state.permission(at: now) == .granted,
                let task = tasks.takeFirst(of: &hosts[host].queue)
            else {
                offerTurn(to: host, at: now)
                continue
            }
            bytes -= task.bytes
            let incident = host == 0 ? 0 : hosts[host].state.begin(at: now)
            offerTurn(to: host, at: now)
            return (task, HostTicket(host: host, incident: incident))
        }
        return nil
    }

    /// Removes and returns a queued task of a host; `nil` if the task's fetch cannot begin now.
    mutating func begin(
        _ place: Int,
        of host: Int,
        at now: PoolTime
    ) -> (task: WaitingTask, ticket: HostTicket)? {
        switch hosts[host].state.permission(at: now) {
        case .granted: break
        case .at(let time):
            // A host with an entry in `turns` does not always have a timer. A caller that asks for one
            // certain task does not use `turns`, so for this caller the host needs a timer.
            if hosts[host].wakesAt.map({ time < $0 }) ?? true {
                hosts[host].wakesAt = time
                timers.add(.host(host), at: time)
            }
            return nil
        case .afterAnEnd: return nil
        }
        guard let task = tasks.remove(place, from: &hosts[host].queue) else { return nil }
        bytes -= task.bytes
        let incident = host == 0 ? 0 : hosts[host].state.begin(at: now)
        return (task, HostTicket(host: host, incident: incident))
    }

    /// Records the end of a fetch; returns `true` if the host of the fetch is given up now.
    ///
    /// If the result is `true` after an end without a response (`FetchEnd.noResponse`), the caller must
    /// withdraw the tasks that wait for the host.
    ///
    /// If the task is to be fetched again, `again` is the task and its wait in nanoseconds. `again` is
    /// ignored if the host is given up. `took` is the time of the fetch in milliseconds, or `nil` if it is
    /// not known.
    package mutating func end(
        _ ticket: HostTicket,
        _ end: FetchEnd,
        again: (task: WaitingTask, wait: Int)? = nil,
        took milliseconds: Double? = nil,
        at now: PoolTime,
        using random: inout SplitMix64
    ) -> Bool {
        if let milliseconds, ticket.host != 0 {
            hosts[ticket.host].fetchMicroseconds += Int(milliseconds * 1_000)
        }
        return self.end(ticket, end, again, at: now, using: &random)
    }

    mutating func end(
        _ ticket: HostTicket,
        _ end: FetchEnd,
        _ again: (task: WaitingTask, wait: Int)?,
        at now: PoolTime,
        using random: inout some RandomNumberGenerator
    ) -> Bool {
        let host = ticket.host
        let isGivenUp =
            host != 0 && hosts[host].state.end(end, begunAfter: ticket.incident, at: now, using: &random)
        if let again, !isGivenUp {
            bytes += again.task.bytes
            hosts[host].waitingRetries += 1
            let time = PoolTime(nanoseconds: now.nanoseconds + again.wait)
            timers.add(.task(tasks.store(again.task, of: host)), at: time)
        }
        guard host != 0 else { return false }
        offerTurn(to: host, at: now)
        hosts.noteIfIdle(host, at: now)
        return isGivenUp
    }

    /// Returns the name and port of a host, and the account of its requests without a response.
    package func silence(of host: Int) -> (host: HostKey, silence: HostSilence) {
        (hosts[host].key, hosts[host].state.silence)
    }

    /// Returns `true` if a host is given up now; tasks of this host must not be added.
    package func isGivenUp(_ host: Int, at now: PoolTime) -> Bool {
        host != 0 && hosts[host].state.isGivenUp(at: now)
    }

    /// Adds the entry in `turns` or the timer that a host with queued tasks needs.
    private mutating func offerTurn(to host: Int, at now: PoolTime) {
        guard !hosts[host].queue.isEmpty, !hosts[host].hasTurn else { return }
        switch hosts[host].state.permission(at: now) {
        case .granted:
            hosts[host].hasTurn = true
            turns.append(Int32(host))
        case .at(let time):
            guard hosts[host].wakesAt.map({ time < $0 }) ?? true else { return }
            hosts[host].wakesAt = time
            timers.add(.host(host), at: time)
        case .afterAnEnd: break
        }
    }

    // MARK: Leaving without a fetch

    /// Removes a task from its host's queue without a fetch, and returns the task; the task must be in this
    /// queue.
    mutating func withdraw(_ place: Int) -> WaitingTask? {
        let host = tasks.host(at: place)
        guard let task = tasks.remove(place, from: &hosts[host].queue) else { return nil }
        bytes -= task.bytes
        return task
    }

    /// Removes and returns all tasks that wait for another fetch, with a timer or in a host's queue.
    package mutating func withdrawRetries() -> [WaitingTask] {
        var withdrawn = withdrawTimed { _ in true }
        for place in tasks.all where tasks[place]?.failedAt != nil {
            if let task = withdraw(place) { withdrawn.append(task) }
        }
        return withdrawn
    }

    /// Removes and returns all waiting tasks of a host, in the order of the input.
    package mutating func withdrawAll(of host: Int, at now: PoolTime) -> [WaitingTask] {
        // A search of all timers is slow, so it is made only if a task of the host has a timer.
        var withdrawn = hosts[host].waitingRetries == 0 ? [] : withdrawTimed { $0 == host }
        for place in Array(tasks.newestFirst(of: hosts[host].queue)) {
            if let task = withdraw(place) { withdrawn.append(task) }
        }
        hosts.noteIfIdle(host, at: now)
        return withdrawn.sorted { $0.ordinal < $1.ordinal }
    }

    /// Removes and returns each task that has a timer, if the task's host satisfies `isMeant`.
    private mutating func withdrawTimed(of isMeant: (Int) -> Bool) -> [WaitingTask] {
        var withdrawn: [WaitingTask] = []
        // The copy of `tasks` must be released before the loop. Otherwise, the first change in the loop
        // would copy the memory of `tasks`.
        func places() -> [Int] {
            let held = tasks
            return timers.removeTasks { isMeant(held.host(at: $0)) }
        }
        for place in places() {
            hosts[tasks.host(at: place)].waitingRetries -= 1
            guard let task = tasks.take(place) else { continue }
            bytes -= task.bytes
            withdrawn.append(task)
        }
        return withdrawn
    }
}
