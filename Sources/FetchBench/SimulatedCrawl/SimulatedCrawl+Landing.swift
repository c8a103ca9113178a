// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform

extension SimulatedCrawl {
    /// Ends the fetches that are due in the current millisecond.
    ///
    /// The fetches that succeeded are ended first, because their calls of `Frontier.end` are timed as one
    /// batch.
    mutating func land() {
        calendar.take(at: now / 1_000_000, into: &landed)
        let (start, time) = (times.begin(), time)
        var calls = 0
        for number in landed {
            guard let flight = flights[number], flight.reply.failure == nil else { continue }
            calls += 1
            let took = Double(flight.reply.milliseconds)
            _ = frontier.end(flight.ticket, flight.reply.end, took: took, at: time, using: &chance)
        }
        times.end(.finish, from: start, calls: calls)
        for number in landed {
            guard let flight = flights[number] else { continue }
            flights[number] = nil
            freeFlights.append(number)
            hosts[CrawlLines.host(of: flight.task)].inFlight -= 1
            if flight.reply.failure == nil {
                finish(flight.task, isOK: true)
            } else {
                fail(flight)
            }
        }
        landed.removeAll(keepingCapacity: true)
    }

    /// Ends a fetch that failed, as a run does (`RunState.settle`).
    private mutating func fail(_ flight: Flight) {
        let (host, reply) = (CrawlLines.host(of: flight.task), flight.reply)
        let errorClass = reply.failure ?? .httpStatus
        if let seconds = reply.retryAfter {
            hosts[host].opens = max(hosts[host].opens, now + Int(seconds * 1e9))
        }
        let failure = FailedFetch(
            status: reply.status,
            errorClass: errorClass,
            isRetryable: true,
            retryAfter: reply.retryAfter,
            fetches: flight.fetches,
            mayRepeat: true,
            hadDNSFailure: flight.tries.contains { $0.errorClass == .dns }
        )
        let before = policy
        var again: (task: WaitingTask, wait: Int)?
        if case .again(let wait) = policy.decide(failure, using: &chance) {
            again = (waiting(after: errorClass, flight), wait)
        }
        let (start, time) = (times.begin(), time)
        let isGivenUp = frontier.end(
            flight.ticket,
            reply.end,
            again: again,
            took: Double(reply.milliseconds),
            at: time,
            using: &chance
        )
        times.end(.finish, from: start, calls: 1)
        if isGivenUp { policy = before }
        if again == nil || isGivenUp { finish(flight.task, isOK: false) } else { counts.retries += 1 }
        if isGivenUp { giveUp(flight.ticket.host, at: time) }
    }

    private mutating func giveUp(_ host: Int, at time: PoolTime) {
        counts.givenUp += 1
        let start = times.begin()
        let withdrawn = frontier.withdrawAll(of: host, at: time)
        times.end(.giveUp, from: start, calls: 1)
        for waiting in withdrawn { finish(waiting.task, isOK: false) }
    }

    private func waiting(after errorClass: ErrorClass, _ flight: Flight) -> WaitingTask {
        var waiting = WaitingTask(flight.task)
        waiting.fetches = flight.fetches
        let microseconds = flight.reply.milliseconds * 1_000
        waiting.earlierAttempts =
            flight.tries + [EarlierAttempt(errorClass: errorClass, microseconds: microseconds)]
        waiting.failedAt = time
        return waiting
    }
}
