// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import SimulationSupport
import TestThreads
import Testing

@testable import Frontier

/// A test with many lines of many hosts, and up to 2,000 fetches in flight.
@Suite(.ownThread)
struct FrontierLoadTests {
    private static let lines = 60_000
    private static let hosts = 10_000

    @Test func theNumberOfWaitingTasksStaysBoundedWithManyLinesAndHosts() {
        var frontier = Frontier(HostRules(perHost: 8))
        var (random, chance) = (SeededGenerator(seed: 1), SplitMix64(seed: 1))
        var flights: [Flight] = []
        var (read, done, now, mostWaiting) = (0, 0, 0, 0)
        while done < Self.lines {
            var batch: [InputLine] = []
            while batch.count < 1_000, read < Self.lines, !frontier.isFull {
                read += 1
                let host = Int.random(in: 0..<Self.hosts, using: &random)
                batch.append(
                    InputLine.of("https://host-number-\(host).example.com/page/\(read)", ordinal: read)
                )
            }
            let time = PoolTime(nanoseconds: now)
            for line in batch { frontier.add(line, at: time) }
            mostWaiting = max(mostWaiting, frontier.count)
            while flights.count < 2_000, let (task, ticket) = frontier.popNext(at: time) {
                flights.append(Flight(task: task, ticket: ticket))
            }
            let landing = min(flights.count, 1_000)
            for index in 0..<landing { done += land(flights[index], in: &frontier, at: time, using: &chance) }
            flights.removeFirst(landing)
            now += 1_000_000
            if flights.isEmpty, let wake = frontier.nextWake { now = max(now, wake.nanoseconds) }
        }
        #expect(frontier.isEmpty)
        #expect(frontier.hosts.count <= Self.hosts)
        #expect(frontier.tasks.capacity <= 22_000)
        // The bound includes the lines that are read ahead and the lines that wait for a retry.
        #expect(mostWaiting <= 22_000)
    }

    private struct Flight {
        let task: WaitingTask
        let ticket: HostTicket
    }

    /// Ends a fetch; each hundredth line is refused once and then retried.
    ///
    /// Returns 1 if the line has ended, and 0 if the line waits for its retry.
    private func land(
        _ flight: Flight,
        in frontier: inout Frontier,
        at time: PoolTime,
        using chance: inout SplitMix64
    ) -> Int {
        var task = flight.task
        guard task.fetches == 0, task.ordinal % 100 == 0 else {
            _ = frontier.end(flight.ticket, .good, at: time, using: &chance)
            return 1
        }
        (task.fetches, task.failedAt) = (1, time)
        task.earlierAttempts = [EarlierAttempt(errorClass: .rateLimited, microseconds: 1)]
        let end = FetchEnd.refused(retryAfter: 0.01)
        _ = frontier.end(flight.ticket, end, again: (task, 10_000_000), at: time, using: &chance)
        return 0
    }
}
