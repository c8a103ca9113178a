// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import Testing

@testable import Frontier

@Suite struct HostSilenceTests {
    private func host(
        perHost: Int? = 8,
        patience: Duration = .seconds(60),
        retries: Int = 2,
        rate: Double? = nil
    ) -> HostState {
        var rules = HostRules(perHost: perHost, rate: rate)
        (rules.patience, rules.retries) = (patience, retries)
        return HostState(rules, at: .at(0))
    }

    @Test func aHostWhoseNameIsNotFoundIsGivenUpAtTheSecondFailure() {
        var (host, time) = (host(), 0)
        #expect(host.fail(.notFound, 2, from: &time) == [100])
        #expect(host.isGivenUp(at: .at(time)))
    }

    @Test(
        arguments: [FetchEnd.NoResponse.notFound, .unconnected]
    )
    func aHostThatHasRespondedBeforeIsTreatedLikeASilentHost(failure: FetchEnd.NoResponse) {
        var (host, time, chance) = (host(), 0, FixedChance.least)
        _ = host.end(.good, begunAfter: host.begin(at: .at(0)), at: .at(0), using: &chance)
        #expect(host.fail(failure, 24, from: &time).allSatisfy { $0 == 0 })
        #expect(host.fail(failure, 3, from: &time) == [500, 1_000, 2_000])
        #expect(!host.isGivenUp(at: .at(time)))
    }

    @Test func aHostThatAcceptsNoConnectionIsGivenUpAtTheFifthFailure() {
        var (host, time) = (host(), 0)
        #expect(host.fail(.unconnected, 5, from: &time) == [0, 100, 0, 200])
        #expect(host.isGivenUp(at: .at(time)))
    }

    @Test(
        arguments: [4, 5, 10]
    )
    func moreRetriesAllowMoreFailures(retries: Int) {
        var (host, time) = (host(retries: retries), 0)
        let waits = host.fail(.unconnected, retries + 1, from: &time)
        #expect(waits.count == retries)
        #expect(waits.filter { $0 > 0 } == Array([100, 200, 400, 800, 1_600].prefix(retries / 2)))
        #expect(host.isGivenUp(at: .at(time)))
    }

    @Test func connectionsThatFailTogetherCauseOneWait() {
        var (host, chance) = (host(perHost: nil), FixedChance.least)
        let out = (0..<50).map { _ in host.begin(at: .at(0)) }
        for incident in out {
            #expect(!host.end(.noResponse(.unconnected), begunAfter: incident, at: .at(0), using: &chance))
        }
        #expect(host.permission(at: .at(0)) == .at(.at(100)))
        var time = 100
        #expect(host.fail(.unconnected, 2, from: &time) == [200])
        #expect(host.isGivenUp(at: .at(time)))
    }

    @Test(
        arguments: [FetchEnd.good, .poor, .refused(retryAfter: 0)]
    )
    func aResponseResetsTheCountOfFailures(end: FetchEnd) {
        var (host, time, chance) = (host(), 0, FixedChance.least)
        _ = host.fail(.unconnected, 4, from: &time)
        _ = host.end(end, begunAfter: host.begin(at: .at(time)), at: .at(time), using: &chance)
        #expect(!host.isDead)
        _ = host.fail(.unconnected, 4, from: &time)
        #expect(!host.isGivenUp(at: .at(time)))
    }

    @Test(
        arguments: [
            (60, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 28_500]), (3, [500, 1_000, 1_500]), (0, []),
        ]
    )
    func theWaitsForASilentHostLastAsLongAsThePatience(seconds: Int, waits: [Int]) {
        var (host, time) = (host(patience: .seconds(seconds)), 0)
        let all = host.fail(.silent, 100, from: &time)
        #expect(all.filter { $0 > 0 } == waits)
        #expect(host.isGivenUp(at: .at(time)))
        #expect(time == seconds * 1_000)
        #expect(host.silence.isPatienceOver)
    }

    @Test func aHostIsGivenUpAtTheFirstTimeOutAfterThePatience() {
        var (host, chance) = (host(), FixedChance.least)
        var ends: [Bool] = []
        for second in stride(from: 10, through: 80, by: 10) {
            let incident = host.begin(at: .at((second - 10) * 1_000))
            ends.append(host.end(.silent, begunAfter: incident, at: .at(second * 1_000), using: &chance))
        }
        // The patience begins at the first failure, after 10 s.
        #expect(ends == [false, false, false, false, false, false, true, true])
    }

    @Test func patienceDoesNotCountTimeInWhichNoLineWaitsForTheHost() {
        var (host, chance) = (host(), FixedChance.least)
        for second in [0, 1_000, 2_000, 3_000] {
            let incident = host.begin(at: .at(second * 1_000))
            // Each request except the first adds 19.999 s to the time that counts against the patience.
            #expect(
                !host.end(.silent, begunAfter: incident, at: .at((second + 20) * 1_000 - 1), using: &chance)
            )
            host.rest(at: .at((second + 20) * 1_000 - 1))
        }
        let incident = host.begin(at: .at(4_000_000))
        #expect(host.end(.silent, begunAfter: incident, at: .at(4_000_003), using: &chance))
    }

    @Test func patienceCountsTimeInWhichALineWaitsForTheHost() {
        var (host, time, chance) = (host(patience: .seconds(20)), 0, FixedChance.least)
        // The last four of 28 failures cause waits of 7.5 s in total.
        _ = host.fail(.silent, 28, from: &time)
        host.rest(at: .at(time))
        host.expect(at: .at(time + 100_000))
        let incident = host.begin(at: .at(time + 113_000))
        #expect(host.end(.silent, begunAfter: incident, at: .at(time + 113_000), using: &chance))
    }

    /// With one request in 100 s, each request would otherwise be the first after the patience of 60 s.
    @Test func patienceDoesNotCountTimeInWhichOnlyTheRateKeepsRequestsBack() {
        var (host, time) = (host(rate: 0.01), 0)
        #expect(host.fail(.silent, 24, from: &time) == Array(repeating: 100_000, count: 24))
        #expect(!host.isGivenUp(at: .at(time)))
    }

    /// The rate's wait passes while no line waits, so it is not left out a second time.
    @Test func theRateDoesNotMakeUpForTimeWithoutLines() {
        var host = self.host(rate: 0.01)
        let ends = [0, 200, 400, 600].map { second in
            defer { host.rest(at: .at((second + 30) * 1_000)) }
            return host.isGivenUp(afterSilence: 30, from: second)
        }
        #expect(ends == [false, false, true, true])
    }

    @Test func patienceCountsTimeInWhichAnotherRequestIsInFlight() {
        var (host, chance) = (host(retries: 0, rate: 0.1), FixedChance.least)
        _ = host.end(.goodMultiplexed, begunAfter: host.begin(at: .at(0)), at: .at(1), using: &chance)
        var begun = [host.begin(at: .at(10_000)), host.begin(at: .at(20_000))]
        var ends: [Bool] = []
        for second in stride(from: 30, through: 90, by: 10) {
            begun.append(host.begin(at: .at(second * 1_000)))
            let incident = begun.removeFirst()
            ends.append(host.end(.silent, begunAfter: incident, at: .at(second * 1_000 + 1), using: &chance))
        }
        // The patience begins at the first failure, after 30 s.
        #expect(ends == [false, false, false, false, false, false, true])
    }

    /// The patience of 1 s counts while a request lasts; the next request may begin before it is over.
    @Test func patienceCountsTimeOfRequestsDespiteARate() {
        var host = self.host(perHost: 1, patience: .seconds(1), rate: 1)
        let ends = [0, 3, 6, 9].map { host.isGivenUp(afterSilence: 3, from: $0) }
        #expect(ends == [false, true, true, true])
    }

    @Test(
        arguments: [FetchEnd.NoResponse.silent, .unconnected, .notFound]
    )
    func withoutRetriesAHostIsGivenUpOnlyAfterThePatience(failure: FetchEnd.NoResponse) {
        var (host, time, chance) = (host(retries: 0), 0, FixedChance.least)
        #expect(host.fail(failure, 100, from: &time).allSatisfy { $0 == 0 })
        #expect(!host.isGivenUp(at: .at(time)))
        let incident = host.begin(at: .at(0))
        #expect(host.end(.noResponse(failure), begunAfter: incident, at: .at(60_000), using: &chance))
    }

    @Test(
        "a host is given up for ten seconds, and each failed probe doubles this time, up to five minutes"
    )
    func verdicts() {
        var (host, time, chance) = (host(), 0, FixedChance.least)
        _ = host.fail(.notFound, 2, from: &time)
        var lengths: [Int] = []
        for _ in 0..<7 {
            guard case .at(let later) = host.permission(at: .at(time)) else { break }
            lengths.append((later.milliseconds - time) / 1_000)
            #expect(host.isGivenUp(at: .at(later.milliseconds - 1)))
            time = later.milliseconds
            #expect(!host.isGivenUp(at: .at(time)))
            let incident = host.begin(at: .at(time))
            #expect(host.permission(at: .at(time)) == .afterAnEnd)
            #expect(host.end(.silent, begunAfter: incident, at: .at(time), using: &chance))
        }
        #expect(lengths == [10, 20, 40, 80, 160, 300, 300])
        let incident = host.begin(at: .at(time + 300_000))
        #expect(!host.end(.good, begunAfter: incident, at: .at(time + 300_000), using: &chance))
        #expect(host.permission(at: .at(time + 300_000)) == .granted)
        #expect(!host.isDead)
    }

    @Test(
        "a request that began before its host was given up can end the given-up time, but not renew it"
    )
    func lateEnds() {
        var (host, chance) = (host(perHost: nil, patience: .seconds(1)), FixedChance.least)
        let out = (0..<4).map { _ in host.begin(at: .at(0)) }
        #expect(!host.end(.silent, begunAfter: out[0], at: .at(10_000), using: &chance))
        #expect(host.end(.silent, begunAfter: out[1], at: .at(11_000), using: &chance))
        var other = host
        #expect(!host.end(.silent, begunAfter: out[2], at: .at(21_500), using: &chance))
        #expect(!host.isGivenUp(at: .at(21_500)))
        #expect(other.isGivenUp(at: .at(12_000)))
        #expect(!other.end(.good, begunAfter: out[3], at: .at(12_000), using: &chance))
        #expect(!other.isDead && !other.isGivenUp(at: .at(12_000)))
    }

    @Test func aGivenUpHostIsRememberedForOneMoreMinute() {
        var (host, time) = (host(), 0)
        _ = host.fail(.notFound, 2, from: &time)
        #expect(!host.isAtRest(at: .at(time + 69_999)))
        #expect(host.isAtRest(at: .at(time + 70_000)))
        // A response ends the probes and the time for which the host is given up. The back-off keeps its
        // increased value, but the host's only wait (0.1 s) ended more than a minute ago.
        var chance = FixedChance.least
        _ = host.end(.good, begunAfter: host.begin(at: .at(70_000)), at: .at(70_000), using: &chance)
        #expect(host.isAtRest(at: .at(70_001)))
    }
}

extension HostState {
    /// Begins a request at `start` that gets no response for `seconds`; returns true if the host is given up
    /// then.
    fileprivate mutating func isGivenUp(afterSilence seconds: Int, from start: Int) -> Bool {
        var chance = FixedChance.least
        let incident = begin(at: .at(start * 1_000))
        return end(.silent, begunAfter: incident, at: .at((start + seconds) * 1_000), using: &chance)
    }

    /// Makes up to `count` fetches, one after another, until the host is given up.
    ///
    /// Each fetch begins at the first allowed time, and fails at once. The function adds each wait to `time`.
    ///
    /// Returns the wait after each fetch, in milliseconds, except after the fetch at which the host is given
    /// up.
    fileprivate mutating func fail(
        _ failure: FetchEnd.NoResponse,
        _ count: Int,
        from time: inout Int
    ) -> [Int] {
        var chance = FixedChance.least
        var waits: [Int] = []
        for _ in 0..<count {
            let incident = begin(at: .at(time))
            if end(.noResponse(failure), begunAfter: incident, at: .at(time), using: &chance) { break }
            guard case .at(let later) = permission(at: .at(time)) else {
                waits.append(0)
                continue
            }
            waits.append(later.milliseconds - time)
            time = later.milliseconds
        }
        return waits
    }
}
