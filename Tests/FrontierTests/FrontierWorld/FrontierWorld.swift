// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import SimulationSupport
import Testing

@testable import Frontier

/// A run without pools: the frontier and the retry policy, simulated hosts, and a simulated clock.
struct FrontierWorld {
    /// A request in flight.
    private struct Flight {
        let task: WaitingTask
        let ticket: HostTicket
        let host: Int
        let begun: Int
        let reply: WorldHost.Reply
    }

    /// The time of the simulated clock, in nanoseconds.
    private(set) var now = 0
    /// For each host, the time at which one of its lines last ended, in nanoseconds; 0 if no line has ended.
    private(set) var lastEnd: [Int]
    private(set) var requests = 0
    private(set) var watches: [HostWatch]
    private var hosts: [WorldHost]
    private var frontier: Frontier
    private var policy: RetryPolicy
    private let settings: RetrySettings
    private let slots: Int
    private var random: SeededGenerator
    private var chance: SplitMix64
    private var lines: [(host: Int, isPost: Bool)]
    private var read = 0
    private var inFlight = 0
    private var calendar = TimerHeap()
    private var flights: [Flight?] = []
    private var freeFlights: [Int] = []
    /// The number of records of each line so far; at the end, each line must have one record.
    private var ends: [Int]
    /// For each line, the time before which the line must not begin again because of `Retry-After`, in
    /// nanoseconds; `.min` if there is no such time.
    private var lineOpens: [Int]
    /// The number of lines of each host that were read and have not ended.
    private var wanted: [Int]
    private(set) var mostWaiting = 0

    init(
        hosts: [WorldHost],
        lines: [(host: Int, isPost: Bool)],
        rules: HostRules,
        settings: RetrySettings,
        slots: Int,
        seed: UInt64
    ) {
        (self.hosts, self.lines, self.settings, self.slots) = (hosts, lines, settings, slots)
        frontier = Frontier(rules)
        policy = RetryPolicy(settings)
        (random, chance) = (SeededGenerator(seed: seed), SplitMix64(seed: seed))
        // If the frontier forgets an idle host, it also forgets the host's requests without a response.
        let remembers = rules.mostIdleHosts > hosts.count
        watches = hosts.map { _ in HostWatch(rules, remembersSilence: remembers) }
        lastEnd = hosts.map { _ in 0 }
        ends = lines.map { _ in 0 }
        lineOpens = lines.map { _ in .min }
        wanted = hosts.map { _ in 0 }
    }

    /// Runs until all lines have ended.
    mutating func run() {
        while true {
            fill()
            guard
                let next = [calendar.first?.time, inFlight < slots ? frontier.nextWake : nil]
                    .compactMap(\.self).min()
            else { break }
            now = max(now, next.nanoseconds)
            frontier.advance(to: PoolTime(nanoseconds: now))
            while let timer = calendar.takeFirst(until: PoolTime(nanoseconds: now)) {
                guard case .task(let number) = timer.subject, let flight = flights[number] else { continue }
                flights[number] = nil
                freeFlights.append(number)
                land(flight)
            }
        }
        #expect(frontier.isEmpty && inFlight == 0 && read == lines.count, "the run stops too early")
        #expect(frontier.bytes == 0)
        #expect(ends.allSatisfy { $0 == 1 }, "a line has no record, or more than one")
    }

    /// Begins requests until no slot is free or no request may begin.
    ///
    /// The function reads the next line only if no waiting line may begin and the frontier is not full.
    private mutating func fill() {
        while inFlight < slots {
            if let (task, ticket) = frontier.popNext(at: PoolTime(nanoseconds: now)) {
                begin(task, ticket)
            } else if !frontier.isFull, read < lines.count {
                let line = lines[read]
                let method = line.isPost ? #","method":"POST""# : ""
                let text = #"{"url":"http://h\#(line.host)/"\#(method),"meta":\#(line.host)}"#
                read += 1
                add(text, of: line.host)
            } else {
                break
            }
        }
        guard inFlight < slots else { return }
        for number in frontier.hosts.indices where !frontier.hosts[number].queue.isEmpty {
            let permission = frontier.hosts[number].state.permission(at: PoolTime(nanoseconds: now))
            #expect(permission != .granted, "a host is passed over although a request may begin")
        }
    }

    /// Adds a line, or ends the line at once if its host is given up, as `fetchpool` does.
    private mutating func add(_ text: String, of host: Int) {
        let time = PoolTime(nanoseconds: now)
        guard case .task(let input) = InputLine.of(text, ordinal: read) else { return }
        let name = Array(input.host.name.utf8)
        let hash = HostHash.of(name.span, port: input.host.port)
        let number = frontier.host(hash, name: name.span, port: input.host.port, at: time)
        guard !frontier.isGivenUp(number, at: time) else {
            watches[host].failsAtOnce(at: now)
            ends[read - 1] += 1
            lastEnd[host] = now
            return
        }
        wanted[host] += 1
        frontier.add(.task(input), at: time)
        mostWaiting = max(mostWaiting, frontier.count)
    }

    private mutating func begin(_ task: WaitingTask, _ ticket: HostTicket) {
        let host = lines[task.ordinal - 1].host
        #expect(now >= lineOpens[task.ordinal - 1], "a line begins before the time of its Retry-After")
        watches[host].begins(at: now)
        policy.countRequest()
        (requests, inFlight) = (requests + 1, inFlight + 1)
        let reply = hosts[host].ask(at: now, using: &random)
        let flight = Flight(task: task, ticket: ticket, host: host, begun: now, reply: reply)
        let number = freeFlights.popLast() ?? flights.count
        if number == flights.count { flights.append(flight) } else { flights[number] = flight }
        calendar.add(.task(number), at: PoolTime(nanoseconds: now + reply.after))
    }

    private mutating func land(_ flight: Flight) {
        inFlight -= 1
        let line = lines[flight.task.ordinal - 1]
        let reply = flight.reply
        let time = PoolTime(nanoseconds: now)
        var again: (task: WaitingTask, wait: Int)?
        let errorClass = reply.errorClass ?? .httpStatus
        let before = policy
        if reply.status ?? 500 >= 400 {
            let failure = FailedFetch(
                status: reply.status,
                errorClass: errorClass,
                isRetryable: true,
                retryAfter: reply.retryAfter,
                fetches: flight.task.fetches + 1,
                mayRepeat: !line.isPost || TaskError(errorClass, "").isBeforeRequest(status: reply.status),
                hadDNSFailure: flight.task.earlierAttempts.contains { $0.errorClass == .dns }
            )
            let budgetBefore = policy.budgetedRetries
            if case .again(let wait) = policy.decide(failure, using: &chance) {
                var task = flight.task
                task.fetches += 1
                task.earlierAttempts.append(EarlierAttempt(errorClass: errorClass, microseconds: 1))
                task.failedAt = time
                again = (task, wait)
                check(task, reply, line.isPost, isBudgeted: policy.budgetedRetries > budgetBefore)
            }
        }
        let isGivenUp = frontier.end(flight.ticket, end(of: flight), again: again, at: time, using: &chance)
        if isGivenUp { policy = before }
        if again == nil || isGivenUp { finish(flight.task) }
        if isGivenUp { for task in frontier.withdrawAll(of: flight.ticket.host, at: time) { finish(task) } }
        watches[flight.host].ends(
            reply,
            begun: flight.begun,
            at: now,
            isGivenUp: isGivenUp,
            isWanted: wanted[flight.host] > 0
        )
    }

    private func end(of flight: Flight) -> FetchEnd {
        let reply = flight.reply
        if let failure = reply.noResponse { return .noResponse(failure) }
        guard let status = reply.status else { return .unknown }
        if FetchEnd.isRefusal(status) {
            return .refused(retryAfter: policy.kept(reply.retryAfter, status: status))
        }
        if policy.isRetried(status) { return .poor }
        return hosts[flight.host].isMultiplexed ? .goodMultiplexed : .good
    }

    private mutating func check(
        _ task: WaitingTask,
        _ reply: WorldHost.Reply,
        _ isPost: Bool,
        isBudgeted: Bool
    ) {
        let isSent = reply.status != nil || reply.errorClass == .reset || reply.errorClass == .timeoutTotal
        #expect(!isPost || !isSent, "a POST is sent twice")
        #expect(task.fetches <= settings.retries, "more retries than allowed")
        #expect(task.earlierAttempts.count { $0.errorClass == .dns } <= 1, "a name is looked up three times")
        if let seconds = reply.retryAfter, reply.status != nil {
            #expect(!isBudgeted, "a retry after Retry-After costs budget")
            lineOpens[task.ordinal - 1] = now + Int(seconds * 1e9)
        } else if requests >= 100 {
            #expect(
                policy.budgetedRetries * 5 <= requests,
                "the retries that cost budget are more than a fifth of the requests"
            )
        }
    }

    private mutating func finish(_ task: WaitingTask) {
        ends[task.ordinal - 1] += 1
        wanted[lines[task.ordinal - 1].host] -= 1
        lastEnd[lines[task.ordinal - 1].host] = now
    }
}
