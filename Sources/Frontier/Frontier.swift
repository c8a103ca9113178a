// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel
package import Platform

/// What waits to be fetched, host by host, and what may be fetched next.
///
/// No clock, no chance, no I/O: all is handed in. Hosts take turns. One that may not be asked now is passed over and holds up no other; a task that is to be tried again
/// waits for its time here as well, and then goes first of its host's. These hold after each call:
///
/// - A task waits, or it is in flight, and then its host counts it.
/// - No host has more in flight than it may, and none is asked before its time.
/// - A host that may be asked, and of which something waits, has its turn in `turns` or a timer.
package struct Frontier: Sendable {
    let rules: HostRules?
    var tasks = TaskQueues()
    var hosts: HostTable
    private var timers = TimerHeap()
    private var turns = Deque<Int32>()
    /// About the memory of what waits.
    package private(set) var bytes = 0

    /// A frontier that keeps `rules`, or none: then what waits leaves in the order it came.
    package init(_ rules: HostRules?) {
        self.rules = rules
        hosts = HostTable(rules ?? HostRules())
    }

    /// The tasks that wait, those to be tried again included.
    package var count: Int { tasks.count }

    /// Whether nothing waits.
    package var isEmpty: Bool { count == 0 }

    /// Whether no more input may be read ahead.
    package var isFull: Bool {
        guard let rules else { return false }
        return count >= rules.mostLines || bytes >= rules.mostBytes
    }

    /// When something may begin that may not yet; `nil` if that is up to what is in flight.
    package var nextWake: PoolTime? { timers.first?.time }

    /// Whether a host has its turn.
    package var hasTurns: Bool { !turns.isEmpty }

    // MARK: In

    /// The number of the host that a task belongs to, by the host's hash, name and port; 0 if it belongs to none.
    package mutating func host(_ hash: HostHash, name: Span<UInt8>, port: UInt16, at now: PoolTime) -> Int {
        guard rules != nil, hash != 0 else { return 0 }
        return hosts.number(of: hash, name: name, port: port, at: now)
    }

    /// Lets a task of a host that is asked now pass, as if it had been added and taken at once; `nil` if the host may not be asked,
    /// or something of it waits: then it is to be added.
    ///
    /// To be called when `popNext` has found nothing.
    package mutating func pass(_ host: Int, at now: PoolTime) -> HostTicket? {
        guard host != 0 else { return HostTicket(host: 0, incident: 0) }
        guard hosts[host].queue.isEmpty, hosts[host].state.permission(at: now) == .granted else { return nil }
        return HostTicket(host: host, incident: hosts[host].state.begin(at: now))
    }

    /// Adds a line at the end of its host's queue.
    package mutating func add(_ task: WaitingTask, of host: Int, at now: PoolTime) {
        bytes += task.bytes
        let place = tasks.store(task, of: host)
        tasks.append(place, to: &hosts[host].queue)
        hosts[host].state.expect(at: now)
        offerTurn(to: host, at: now)
    }

    // MARK: Out

    /// Gives turns to what has waited until now.
    package mutating func advance(to now: PoolTime) {
        while let timer = timers.takeFirst(until: now) {
            switch timer.subject {
            case .task(let place):
                let host = tasks.host(at: place)
                hosts[host].waitingRetries -= 1
                tasks.prepend(place, to: &hosts[host].queue)
                offerTurn(to: host, at: now)
            case .host(let host):
                // Another timer of the host may have been set since, or the number given to another host.
                guard hosts[host].wakesAt == timer.time else { continue }
                hosts[host].wakesAt = nil
                offerTurn(to: host, at: now)
            }
        }
    }

    /// Takes the next task that may be fetched; its host counts it from now on.
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

    /// Takes the end of a fetch; `true` if its host is given up now: then what waits for it is to be withdrawn.
    ///
    /// `again` is the task, if it is to be tried again, and for how many nanoseconds it waits by itself; where the host is given up it is not taken.
    package mutating func end(
        _ ticket: HostTicket,
        _ end: FetchEnd,
        again: (task: WaitingTask, wait: Int)? = nil,
        at now: PoolTime,
        using random: inout SplitMix64
    ) -> Bool {
        self.end(ticket, end, again, at: now, using: &random)
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

    /// The host that `ticket` or `host(_:name:port:at:)` gave a number, and what is known of its silence.
    package func silence(of host: Int) -> (host: HostKey, silence: HostSilence) {
        (hosts[host].key, hosts[host].state.silence)
    }

    /// True if a host is given up now: its lines are not to be added.
    package func isGivenUp(_ host: Int, at now: PoolTime) -> Bool {
        host != 0 && hosts[host].state.isGivenUp(at: now)
    }

    /// Has a host stand in line, or sets a timer for it, if something of it waits.
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

    /// Takes a task out of its host's queue, because it is not to be fetched after all.
    mutating func withdraw(_ place: Int) -> WaitingTask? {
        let host = tasks.host(at: place)
        guard let task = tasks.remove(place, from: &hosts[host].queue) else { return nil }
        bytes -= task.bytes
        return task
    }

    /// Takes all tasks that wait to be tried again, for a time or for their host.
    package mutating func withdrawRetries() -> [WaitingTask] {
        var withdrawn = withdrawTimed { _ in true }
        for place in tasks.all where tasks[place]?.failedAt != nil {
            if let task = withdraw(place) { withdrawn.append(task) }
        }
        return withdrawn
    }

    /// Takes what waits for a host that is given up, for its turn or for a time, in the order of the input.
    package mutating func withdrawAll(of host: Int) -> [WaitingTask] {
        // To look through all that waits for a time costs more than the rest.
        var withdrawn = hosts[host].waitingRetries == 0 ? [] : withdrawTimed { $0 == host }
        for place in Array(tasks.newestFirst(of: hosts[host].queue)) {
            if let task = withdraw(place) { withdrawn.append(task) }
        }
        return withdrawn.sorted { $0.ordinal < $1.ordinal }
    }

    /// Takes the tasks that wait for a time of their own, of the hosts that are meant.
    private mutating func withdrawTimed(of isMeant: (Int) -> Bool) -> [WaitingTask] {
        var withdrawn: [WaitingTask] = []
        let held = tasks
        for place in timers.removeTasks(where: { isMeant(held.host(at: $0)) }) {
            hosts[tasks.host(at: place)].waitingRetries -= 1
            guard let task = tasks.take(place) else { continue }
            bytes -= task.bytes
            withdrawn.append(task)
        }
        return withdrawn
    }
}
