// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@testable import Frontier

@Suite struct FrontierHostsTests {
    private var chance = FixedChance.least

    private func frontier(_ lines: [String], perHost: Int? = 8, rate: Double? = nil) -> Frontier {
        var frontier = Frontier(HostRules(perHost: perHost, rate: rate))
        for (index, line) in lines.enumerated() {
            frontier.add(InputLine.of(line, ordinal: index + 1), at: .at(0))
        }
        return frontier
    }

    private func pop(_ frontier: inout Frontier, at time: Int = 0) -> [(ordinal: Int, ticket: HostTicket)] {
        var popped: [(ordinal: Int, ticket: HostTicket)] = []
        while let (task, ticket) = frontier.popNext(at: .at(time)) { popped.append((task.ordinal, ticket)) }
        return popped
    }

    @Test func hostsTakeTurnsAndTheLinesOfEachHostKeepTheirOrder() {
        let lines = ["http://a/1", "http://a/2", "http://a/3", "http://b/1", "http://b/2", "http://c/1"]
        var frontier = frontier(lines, perHost: nil)
        #expect(pop(&frontier).map(\.ordinal) == [1, 4, 6, 2, 5, 3])
        #expect(frontier.isEmpty)
        #expect(frontier.bytes == 0)
    }

    @Test func aHostIsALowerCaseNameWithAPort() {
        let lines = [
            "http://a/", "http://A:80/", "https://a/", "http://a:8080/", "http://a./", "data:,1", "data:,2",
            "data:,3", "https://a:443/",
        ]
        var frontier = frontier(lines)
        #expect(pop(&frontier).map(\.ordinal) == [1, 3, 4, 6, 7, 8])
        #expect(frontier.hosts.count == 3)
    }

    @Test func aHostThatMustWaitDoesNotDelayOtherHosts() {
        var (frontier, chance) = (frontier(["http://a/1", "http://a/2", "http://b/1", "http://b/2"]), chance)
        let first = pop(&frontier)
        #expect(first.map(\.ordinal) == [1, 3])
        _ = frontier.end(first[0].ticket, .refused(retryAfter: 5), at: .at(0), using: &chance)
        _ = frontier.end(first[1].ticket, .good, at: .at(0), using: &chance)
        #expect(pop(&frontier).map(\.ordinal) == [4])
        #expect(frontier.nextWake == .at(5_000))
        #expect(pop(&frontier, at: 4_999).isEmpty)
        #expect(pop(&frontier, at: 5_000).map(\.ordinal) == [2])
    }

    @Test func otherLinesOfAHostBeginWhileATaskWaitsForItsRetry() {
        var (frontier, chance) = (frontier(["http://a/1", "http://a/2", "http://a/3"]), chance)
        let (task, ticket) = frontier.popNext(at: .at(0)) ?? (.none, HostTicket(host: 0, incident: 0))
        _ = frontier.end(ticket, .poor, again: (task, 700_000_000), at: .at(0), using: &chance)
        #expect(frontier.count == 3)
        let second = pop(&frontier)
        #expect(second.map(\.ordinal) == [2, 3])
        #expect(frontier.nextWake == .at(700))
        for each in second { _ = frontier.end(each.ticket, .good, at: .at(1), using: &chance) }
        #expect(!frontier.isEmpty)
        #expect(pop(&frontier, at: 699).isEmpty)
        #expect(pop(&frontier, at: 700).map(\.ordinal) == [1])
        #expect(frontier.isEmpty)
        #expect(frontier.nextWake == nil)
    }

    @Test(arguments: [(3, 1 << 20), (1_000, 1_200)])
    func theFrontierIsFullAtANumberOfLinesOrASize(lines: Int, bytes: Int) {
        var rules = HostRules(perHost: 1)
        (rules.mostLines, rules.mostBytes) = (lines, bytes)
        var frontier = Frontier(rules)
        for number in 1...3 {
            #expect(!frontier.isFull)
            frontier.add(InputLine.of("http://a/\(number)", ordinal: number), at: .at(0))
        }
        #expect(frontier.isFull)
        _ = frontier.popNext(at: .at(0))
        #expect(!frontier.isFull)
    }

    @Test(
        "if there are many hosts, idle hosts are forgotten, except a host that must not get a request yet"
    )
    func forgetsHosts() {
        var rules = HostRules(perHost: 1)
        rules.mostIdleHosts = 10
        var (frontier, chance) = (Frontier(rules), chance)
        for number in 1...1_000 {
            let end: FetchEnd = number == 1 ? .refused(retryAfter: 60) : .good
            frontier.add(InputLine.of("http://h\(number)/"), at: .at(number))
            for each in pop(&frontier, at: number) {
                _ = frontier.end(each.ticket, end, at: .at(number), using: &chance)
            }
        }
        #expect(frontier.hosts.count <= 11)
        frontier.add(InputLine.of("http://h1/"), at: .at(1_001))
        #expect(pop(&frontier, at: 60_000).isEmpty)
        #expect(pop(&frontier, at: 60_001).count == 1)
    }

    @Test func hostsThatWereGivenUpAreForgottenEventually() {
        var rules = HostRules(perHost: 1)
        rules.mostIdleHosts = 10
        var (frontier, chance) = (Frontier(rules), chance)
        let second = 1_000
        for number in 1...1_000 {
            // Two requests to the host fail 90 s apart. The run's patience is only 60 s, so the host is given
            // up at the second failure. At that time, the third line still waits.
            for line in 1...3 { frontier.add(InputLine.of("http://h\(number)/\(line)"), at: .at(0)) }
            for time in [number * 600 * second, (number * 600 + 90) * second] {
                for each in pop(&frontier, at: time) {
                    let isGivenUp = frontier.end(each.ticket, .silent, at: .at(time), using: &chance)
                    guard isGivenUp else { continue }
                    _ = frontier.withdrawAll(of: each.ticket.host, at: .at(time))
                }
            }
        }
        #expect(frontier.isEmpty)
        #expect(frontier.hosts.count < 50, "\(frontier.hosts.count)")
    }

    @Test func withdrawRetriesRemovesAllRetriesAndNoNewLine() {
        var (frontier, chance) = (frontier(["http://a/1", "http://a/2", "http://b/1"]), chance)
        let first = (1...2).compactMap { _ in frontier.popNext(at: .at(0)) }
        for (number, each) in first.enumerated() {
            var task = each.task
            task.failedAt = .at(0)
            _ = frontier.end(each.ticket, .poor, again: (task, number * 1_000), at: .at(0), using: &chance)
        }
        frontier.advance(to: .at(0))
        #expect(Set(frontier.withdrawRetries().map(\.ordinal)) == [1, 3])
        #expect(frontier.nextWake == nil)
        #expect(pop(&frontier).map(\.ordinal) == [2])
        #expect(frontier.isEmpty)
    }

    @Test func limitReturnsTheHostWithMostWaitingLinesIfNoHostMayGetARequest() throws {
        let lines = (1...5).map { "http://busy/\($0)" } + ["http://few:81/1", "http://few:81/2"]
        var (frontier, chance) = (frontier(lines), chance)
        #expect(frontier.limit(at: .at(0)) == nil)
        let first = pop(&frontier)
        var limit = try #require(frontier.limit(at: .at(0)))
        #expect(limit.host.description == "busy:80")
        #expect((limit.tasks, limit.inFlight, limit.others, limit.nanoseconds) == (4, 1, 1, 0))
        #expect(limit.rate == nil && !limit.isSilent && !limit.isRetry)
        _ = frontier.end(first[0].ticket, .refused(retryAfter: 9), at: .at(0), using: &chance)
        limit = try #require(frontier.limit(at: .at(2_000)))
        #expect((7_000_000_000..<8_000_000_000).contains(limit.nanoseconds))
        #expect(limit.rate == nil)
    }

    @Test func limitTellsTheRateThatHoldsAHostBackAndTasksThatWaitForARetry() throws {
        var frontier = Frontier(HostRules(rate: 0.5))
        for line in (1...3).map({ "http://a/\($0)" }) { frontier.add(InputLine.of(line), at: .at(0)) }
        let first = pop(&frontier)
        #expect(first.count == 1)
        var limit = try #require(frontier.limit(at: .at(0)))
        #expect(limit.rate == 0.5 && limit.nanoseconds == 2_000_000_000)
        var (other, chance) = (self.frontier(["http://b/1"]), chance)
        let popped = other.popNext(at: .at(0))
        let only = try #require(popped)
        var task = only.task
        task.failedAt = .at(0)
        _ = other.end(only.ticket, .poor, again: (task, 90_000_000_000), at: .at(0), using: &chance)
        limit = try #require(other.limit(at: .at(0)))
        #expect(limit.isRetry && limit.tasks == 1)
    }

    @Test(
        "withdrawAll(of:at:) removes all waiting tasks of a given-up host; lines of other hosts stay"
    )
    func givenUp() {
        let lines = ["http://a/1", "http://a/2", "http://b/1", "http://a/3"]
        var (frontier, chance) = (frontier(lines, perHost: 2), chance)
        var taken: [(task: WaitingTask, ticket: HostTicket)] = []
        func fail(_ index: Int, at time: Int) -> Bool {
            let again = (taken[index].task, 90_000_000_000)
            return frontier.end(taken[index].ticket, .silent, again: again, at: .at(time), using: &chance)
        }
        func take(at time: Int) { if let next = frontier.popNext(at: .at(time)) { taken.append(next) } }
        for _ in 1...2 { take(at: 0) }
        #expect(!fail(0, at: 0) && !fail(1, at: 0))
        take(at: 1)
        #expect(taken.map(\.task.ordinal) == [1, 3, 2])
        // The run's patience with the host, 60 s, is over. The host's first line waits for its retry, and the
        // host's last line waits for its first fetch. The fetch of the host's second line fails next, and the
        // frontier does not keep this line.
        #expect(fail(2, at: 60_000))
        let host = taken[2].ticket.host
        #expect(frontier.withdrawAll(of: host, at: .at(60_000)).map(\.ordinal) == [1, 4])
        #expect(frontier.isGivenUp(host, at: .at(60_001)))
        #expect(!frontier.isGivenUp(taken[1].ticket.host, at: .at(60_001)))
        #expect(!frontier.isGivenUp(0, at: .at(60_001)))
        #expect(pop(&frontier, at: 90_000).map(\.ordinal) == [3])
        #expect(frontier.isEmpty)
        #expect(frontier.bytes == 0)
    }
}

extension WaitingTask {
    /// An empty placeholder task.
    fileprivate static let none = WaitingTask(
        RunTask(ordinal: 0, text: TextPlace(start: 0, count: 0), url: ByteRange())
    )
}
