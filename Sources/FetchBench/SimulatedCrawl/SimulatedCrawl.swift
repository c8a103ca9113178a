// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform

/// A crawl that drives the frontier as the coordinator does, with simulated hosts and a virtual clock.
///
/// A slot holds one fetch in flight. In a turn of the crawl, free slots first get tasks. Then the clock moves
/// to the next time at which fetches end. If slots are still free, and a host or a waiting task may become
/// ready earlier, the clock moves only to this earlier time.
struct SimulatedCrawl {
    /// A fetch in flight.
    struct Flight {
        var task: RunTask
        var ticket: HostTicket
        var reply: SimulatedHost.Reply
        var fetches: Int
        var tries: [EarlierAttempt]
    }

    let plan: CrawlPlan
    var frontier: Frontier
    var policy = RetryPolicy(RetrySettings())
    /// The generators of random numbers: `chance` for the frontier and retries, `random` for the simulation.
    var chance, random: SplitMix64
    var hosts: [SimulatedHost]
    var calendar: LandingCalendar
    /// The fetches in flight, by their numbers; `nil` for a number that is not in use.
    var flights: [Flight?]
    /// The numbers of `flights` that are not in use.
    var freeFlights: [Int]
    var watch: CrawlWatch
    var times = PhaseTimes()
    var counts = CrawlCounts()
    var landed: [Int] = []
    /// The virtual time, in nanoseconds.
    private(set) var now = 0
    private(set) var use = SlotUse()
    private var sizes: HostSizes
    private var lines = CrawlLines()
    private var hasEnded = false
    private var begun: [(task: WaitingTask, ticket: HostTicket)] = []
    private var passed: [(task: RunTask, ticket: HostTicket)] = []
    private var refused: [RunTask] = []

    /// The number of lines that are prepared together, so that few readings of the clock are needed.
    private static let linesAtOnce = 64

    init(_ plan: CrawlPlan) {
        self.plan = plan
        var rules = HostRules(perHost: plan.perHost, rate: plan.rate)
        if let lines = plan.readAhead { rules.mostLines = lines }
        if let idle = plan.idleHosts { rules.mostIdleHosts = idle }
        var random = SplitMix64(seed: UInt64(plan.seed))
        hosts = (0..<plan.hosts).map { number in
            let hash = HostHash.of(CrawlLines.name(of: number).span, port: CrawlLines.port)
            return SimulatedHost(hash: hash, trouble: plan.trouble, using: &random)
        }
        self.random = random
        chance = SplitMix64(seed: UInt64(plan.seed) + 1)
        sizes = HostSizes(plan)
        calendar = LandingCalendar(fetches: plan.slots)
        flights = [Flight?](repeating: nil, count: plan.slots)
        freeFlights = Array((0..<plan.slots).reversed())
        watch = CrawlWatch(plan)
        landed.reserveCapacity(plan.slots)
        begun.reserveCapacity(plan.slots)
        passed.reserveCapacity(Self.linesAtOnce)
        frontier = Frontier(rules)
    }

    /// The number of fetches in flight.
    var inFlight: Int { plan.slots - freeFlights.count }

    /// The virtual time, in the type that the frontier uses.
    var time: PoolTime { PoolTime(nanoseconds: now) }

    /// Runs one turn; returns `false` if nothing is left to do.
    mutating func turn() -> Bool {
        times.beginTurn()
        fill()
        let landing = calendar.next(from: now / 1_000_000).map { $0 * 1_000_000 }
        let wake = inFlight < plan.slots ? frontier.nextWake?.nanoseconds : nil
        guard let next = [landing, wake].compactMap(\.self).min() else { return false }
        let state: SlotUse.State = inFlight == plan.slots ? .full : hasEnded ? .ending : .blocked
        if state == .blocked, !frontier.isFull { watch.note("slots stay free at \(now) ns") }
        use.add(max(now, next) - now, state, used: inFlight, of: plan.slots)
        now = max(now, next)
        let (start, time) = (times.begin(), time)
        frontier.advance(to: time)
        times.end(.timers, from: start, calls: 1)
        if landing == next { land() }
        return true
    }

    // MARK: Starting tasks

    /// Begins tasks until no slot is free or no task may begin.
    private mutating func fill() {
        while inFlight < plan.slots {
            takeWaiting()
            guard inFlight < plan.slots, !frontier.isFull else { return }
            if lines.isEmpty {
                lines.prepare(Self.linesAtOnce, of: &sizes, hosts: &hosts, using: &random)
                hasEnded = lines.isEmpty
            }
            guard !lines.isEmpty else { return }
            takeLines()
        }
    }

    /// Begins waiting tasks until no slot is free or no waiting task may begin.
    private mutating func takeWaiting() {
        let (free, time) = (freeFlights.count, time)
        let start = times.begin()
        var calls = 0
        while begun.count < free {
            calls += 1
            guard let next = frontier.popNext(at: time) else { break }
            begun.append(next)
        }
        times.end(.next, from: start, calls: calls)
        beginAll()
    }

    /// Reads lines until no slot is free, the frontier is full, or all prepared lines were read.
    private mutating func takeLines() {
        let (free, time) = (freeFlights.count, time)
        let start = times.begin()
        var calls = 0
        while begun.count + passed.count < free, !frontier.isFull, let task = lines.popFirst() {
            calls += 1
            // A run also looks for a waiting task before it reads lines (`RunState.beginNext`).
            if let next = frontier.popNext(at: time) { begun.append(next) }
            let name = lines.name
            let host = frontier.host(task.host, name: name.span, port: CrawlLines.port, at: time)
            if let ticket = frontier.pass(host, at: time) {
                passed.append((task, ticket))
            } else if frontier.isGivenUp(host, at: time) {
                refused.append(task)
            } else {
                frontier.add(WaitingTask(task), of: host, at: time)
                if frontier.hasTurns, let next = frontier.popNext(at: time) { begun.append(next) }
            }
        }
        times.end(.submit, from: start, calls: calls)
        for (task, ticket) in passed { begin(task, ticket, fetches: 0, tries: []) }
        for task in refused { finish(task, isOK: false) }
        passed.removeAll(keepingCapacity: true)
        refused.removeAll(keepingCapacity: true)
        beginAll()
    }

    private mutating func beginAll() {
        for (waiting, ticket) in begun {
            let tries = waiting.fetches > 0 ? waiting.attemptsUntil(time) : []
            begin(waiting.task, ticket, fetches: waiting.fetches, tries: tries)
        }
        begun.removeAll(keepingCapacity: true)
    }

    private mutating func begin(
        _ task: RunTask,
        _ ticket: HostTicket,
        fetches: Int,
        tries: [EarlierAttempt]
    ) {
        let host = CrawlLines.host(of: task)
        policy.countRequest()
        counts.requests += 1
        watch.begins(host, &hosts[host], at: now)
        let reply = hosts[host].ask(using: &random)
        guard let number = freeFlights.popLast() else { return watch.note("a task begins without a slot") }
        flights[number] = Flight(
            task: task,
            ticket: ticket,
            reply: reply,
            fetches: fetches + 1,
            tries: tries
        )
        calendar.add(number, at: (now + 999_999) / 1_000_000 + reply.milliseconds)
    }

    /// Notes the end of a task.
    mutating func finish(_ task: RunTask, isOK: Bool) {
        watch.ends(task: task.ordinal - 1)
        counts.lastHost = CrawlLines.host(of: task)
        if isOK { counts.ok += 1 }
    }
}
