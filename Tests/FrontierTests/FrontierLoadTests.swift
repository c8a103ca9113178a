// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import Platform
import SimulationSupport
import TestThreads
import Testing

@testable import Frontier

/// Many lines over many hosts, with 2,000 in flight.
///
/// To measure: `FRONTIER_LINES=1000000 swift test -c release -Xswiftc -enable-testing --filter FrontierLoad`.
@Suite("Frontier under load", .ownThread)
struct FrontierLoadTests {
    private static let lines =
        ProcessInfo.processInfo.environment["FRONTIER_LINES"].flatMap { Int($0) } ?? 60_000
    private static let hosts = 10_000

    @Test("what it holds is bounded by the look-ahead, however many lines and hosts come by")
    func bounded() throws {
        var frontier = Frontier(HostRules(perHost: 8))
        var (random, chance) = (SeededGenerator(seed: 1), ChanceSource(seed: 1))
        var flights: [Flight] = []
        var (read, done, now, mostWaiting) = (0, 0, 0, 0)
        var spent = 0
        while done < Self.lines {
            // Lines are made outside of what is measured: that is the input thread's work.
            var batch: [InputLine] = []
            while batch.count < 1_000, read < Self.lines, !frontier.isFull {
                read += 1
                let host = Int.random(in: 0..<Self.hosts, using: &random)
                batch.append(
                    InputLine.of("https://host-number-\(host).example.com/page/\(read)", ordinal: read)
                )
            }
            let start = Self.threadTime()
            let time = PoolTime(nanoseconds: now)
            for line in batch { frontier.add(line, at: time) }
            mostWaiting = max(mostWaiting, frontier.count)
            while flights.count < 2_000, let (task, ticket) = frontier.popNext(at: time) {
                flights.append(Flight(task: task, ticket: ticket))
            }
            let landing = min(flights.count, 1_000)
            for index in 0..<landing { done += land(flights[index], in: &frontier, at: time, using: &chance) }
            flights.removeFirst(landing)
            spent += Self.threadTime() - start
            now += 1_000_000
            if flights.isEmpty, let wake = frontier.nextWake { now = max(now, wake.nanoseconds) }
        }
        #expect(frontier.isEmpty)
        #expect(frontier.hosts.count <= Self.hosts)
        #expect(frontier.tasks.capacity <= 22_000)
        let each = Double(spent) / Double(Self.lines) / 1_000
        print("\(Self.lines) lines: \(each) µs each, \(mostWaiting) waited at most")
        if Self.lines >= 1_000_000 { print(try String(contentsOfFile: "/proc/self/status", encoding: .utf8)) }
    }

    /// Nanoseconds that this thread has worked, whatever else the machine does.
    private static func threadTime() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    private struct Flight {
        let task: WaitingTask
        let ticket: HostTicket
    }

    /// Ends a fetch; each hundredth line is refused once and comes again.
    ///
    /// Answers the lines that have ended.
    private func land(
        _ flight: Flight,
        in frontier: inout Frontier,
        at time: PoolTime,
        using chance: inout ChanceSource
    ) -> Int {
        var task = flight.task
        guard task.fetches == 0, task.ordinal % 100 == 0 else {
            _ = frontier.end(flight.ticket, .good, at: time, using: &chance)
            return 1
        }
        (task.fetches, task.failedAt) = (1, time)
        task.earlierTries = [EarlierTry(errorClass: .rateLimited, microseconds: 1)]
        let end = FetchEnd.refused(retryAfter: 0.01)
        _ = frontier.end(flight.ticket, end, again: (task, 10_000_000), at: time, using: &chance)
        return 0
    }
}
