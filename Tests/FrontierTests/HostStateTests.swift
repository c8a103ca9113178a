// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import Testing

@testable import Frontier

@Suite struct HostStateTests {
    private var chance = FixedChance.least

    private func host(perHost: Int? = 8, rate: Double? = nil) -> HostState {
        HostState(HostRules(perHost: perHost, rate: rate), at: .at(0))
    }

    @Test(
        "a new host gets one fetch until it responds; then each response allows one more, up to the limit"
    )
    func slowStart() {
        var (host, chance) = (host(perHost: 5), chance)
        var rounds: [Int] = []
        for _ in 0..<5 {
            let round = host.fill(at: .at(0))
            rounds.append(round.count)
            for incident in round { _ = host.end(.good, begunAfter: incident, at: .at(0), using: &chance) }
        }
        #expect(rounds == [1, 2, 4, 5, 5])
    }

    @Test(arguments: [2, 5, 100])
    func aNewHostThatRespondsOverHTTP2GetsTheWholeLimitAtOnce(limit: Int) {
        var (host, chance) = (host(perHost: limit), chance)
        #expect(host.fill(at: .at(0)).count == 1)
        _ = host.end(.goodMultiplexed, begunAfter: 0, at: .at(0), using: &chance)
        #expect(host.fill(at: .at(0)).count == limit)
    }

    @Test(arguments: [20, nil])
    func aResponseOverHTTP2AllowsTheWholeLimitEvenAfterHTTP11OrSilence(limit: Int?) {
        var (host, chance, time) = (host(perHost: limit), chance, 0)
        host.open(to: 3, using: &chance)
        _ = host.waitedFor(.goodMultiplexed, at: &time, using: &chance)
        #expect(host.width == limit ?? .max)
        while !host.isDead { _ = host.waitedFor(.silent, at: &time, using: &chance) }
        #expect(host.width == 1)
        for _ in 0..<2 {
            _ = host.waitedFor(.goodMultiplexed, at: &time, using: &chance)
            #expect(host.width == limit ?? .max)
        }
    }

    @Test func afterARefusalResponsesOverHTTP2RaiseTheWidthLikeOtherResponses() {
        var (host, chance, time) = (host(), chance, 0)
        _ = host.waitedFor(.goodMultiplexed, at: &time, using: &chance)
        _ = host.waitedFor(.refused(retryAfter: 0), at: &time, using: &chance)
        var widths = [host.width]
        for _ in 0..<9 {
            _ = host.waitedFor(.goodMultiplexed, at: &time, using: &chance)
            widths.append(host.width)
        }
        #expect(widths == [4, 4, 4, 4, 5, 5, 5, 5, 5, 6])
        // The first response of a new host is a refusal.
        host = self.host()
        _ = host.waitedFor(.refused(retryAfter: 0), at: &time, using: &chance)
        _ = host.waitedFor(.goodMultiplexed, at: &time, using: &chance)
        #expect(host.width == 2)
    }

    @Test func aHostThatNeverRespondsTakesOneSlot() {
        var (host, chance) = (host(), chance)
        for _ in 0..<20 {
            #expect(host.fill(at: .at(0)).count == 1)
            _ = host.end(.silent, begunAfter: 0, at: .at(0), using: &chance)
        }
    }

    @Test func withoutALimitANewHostGetsAllFetchesAtOnce() {
        var host = host(perHost: nil)
        for _ in 0..<1_000 {
            #expect(host.permission(at: .at(0)) == .granted)
            _ = host.begin(at: .at(0))
        }
    }

    @Test(
        "a refusal pauses a host for Retry-After and up to 0.5 s more; without Retry-After, for the back-off"
    )
    func refusalWaits() {
        for (named, chance, milliseconds) in [
            (2.0, FixedChance.least, 2_000), (2.0, .most, 2_500), (nil, .most, 500), (0.0, .least, 0),
        ] {
            var (host, chance) = (host(), chance)
            let incident = host.begin(at: .at(10))
            _ = host.end(.refused(retryAfter: named), begunAfter: incident, at: .at(20), using: &chance)
            let expected: HostState.Permission =
                milliseconds == 0 ? .granted : .at(.at(20 + milliseconds))
            #expect(host.permission(at: .at(20)) == expected)
            #expect(host.permission(at: .at(20 + milliseconds)) == .granted)
        }
    }

    @Test(
        "a host's back-off doubles with each incident up to a minute; ten good responses in a row reset it"
    )
    func backOffDoubles() {
        var (host, chance, time) = (host(), chance, 0)
        var waits: [Int] = []
        func refuse() {
            let begun = host.waitedFor(.refused(retryAfter: nil), at: &time, using: &chance)
            waits.append(begun)
        }
        for _ in 0..<9 { refuse() }
        #expect(waits == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
        waits = []
        for _ in 0..<9 { _ = host.waitedFor(.good, at: &time, using: &chance) }
        refuse()
        for _ in 0..<10 { _ = host.waitedFor(.good, at: &time, using: &chance) }
        refuse()
        refuse()
        #expect(waits == [60_000, 500, 1_000])
    }

    @Test func aPoorResponseRestartsTheCountOfGoodResponses() {
        var (host, chance, time) = (host(), chance, 0)
        _ = host.waitedFor(.refused(retryAfter: nil), at: &time, using: &chance)
        for _ in 0..<9 { _ = host.waitedFor(.good, at: &time, using: &chance) }
        _ = host.waitedFor(.poor, at: &time, using: &chance)
        for _ in 0..<9 { _ = host.waitedFor(.good, at: &time, using: &chance) }
        #expect(host.waitedFor(.refused(retryAfter: nil), at: &time, using: &chance) == 1_000)
    }

    @Test func refusalsOfConcurrentRequestsAreOneIncidentWithTheLongestRetryAfter() {
        var (host, chance) = (host(), chance)
        host.open(to: 8, using: &chance)
        let out = host.fill(at: .at(0))
        #expect(out.count == 8)
        for (incident, named) in zip(out, [nil, nil, 3.0, nil, 1.0]) {
            _ = host.end(.refused(retryAfter: named), begunAfter: incident, at: .at(0), using: &chance)
        }
        #expect(host.incidents == 1)
        #expect(host.width == 4)
        #expect(host.waitsUntil == .at(3_000))
        // A good response among the refusals does not shorten the wait.
        _ = host.end(.good, begunAfter: out[5], at: .at(1), using: &chance)
        #expect(host.permission(at: .at(2_999)) == .at(.at(3_000)))
    }

    @Test func goodResponsesRaiseAWidthThatRefusalsHalved() {
        var (host, chance, time) = (host(), chance, 0)
        host.open(to: 8, using: &chance)
        var widths: [Int] = []
        for _ in 0..<4 {
            _ = host.waitedFor(.refused(retryAfter: 0), at: &time, using: &chance)
            widths.append(host.width)
        }
        #expect(widths == [4, 2, 1, 1])
        widths = []
        for _ in 0..<7 {
            _ = host.waitedFor(.good, at: &time, using: &chance)
            widths.append(host.width)
        }
        #expect(widths == [2, 2, 3, 3, 3, 4, 4])
        for _ in 0..<100 { _ = host.waitedFor(.good, at: &time, using: &chance) }
        #expect(host.width == 8)
    }

    @Test func withoutALimitARefusalAllowsHalfOfTheRequestsInFlight() {
        var (host, chance) = (host(perHost: nil), chance)
        for _ in 0..<100 { _ = host.begin(at: .at(0)) }
        _ = host.end(.refused(retryAfter: 0), begunAfter: 0, at: .at(0), using: &chance)
        #expect(host.width == 50)
        #expect(host.permission(at: .at(0)) == .afterAnEnd)
    }

    @Test func after25RequestsWithoutAResponseAHostGetsOneProbeAfterEachWait() {
        var (host, chance, time) = (host(), chance, 0)
        for number in 1...25 {
            let wait = host.waitedFor(.silent, at: &time, using: &chance)
            #expect(wait == (number == 25 ? 500 : 0))
        }
        #expect(host.isDead)
        #expect(host.waitedFor(.silent, at: &time, using: &chance) == 1_000)
        #expect(host.fill(at: .at(time)).count == 1)
        #expect(host.permission(at: .at(time)) == .afterAnEnd)
        _ = host.end(.poor, begunAfter: host.incidents, at: .at(time), using: &chance)
        #expect(!host.isDead)
        #expect(host.fill(at: .at(time)).count == 2)
    }

    @Test func aRequestBegunBeforeTheFirstProbeIsNotAFailedProbe() {
        var (host, chance) = (host(), chance)
        host.open(to: 8, using: &chance)
        var out = host.fill(at: .at(0))
        while !host.isDead {
            _ = host.end(.silent, begunAfter: out.removeFirst(), at: .at(0), using: &chance)
            if !host.isDead { out += host.fill(at: .at(0)) }
        }
        #expect(out.count == 7)
        for incident in out { _ = host.end(.silent, begunAfter: incident, at: .at(100), using: &chance) }
        #expect(host.permission(at: .at(100)) == .at(.at(500)))
    }

    @Test func aRateSpacesFetchesButAllowsTheUnusedFetchesOfOneSecond() {
        var (host, time) = (host(perHost: nil, rate: 4), 0)
        var begun: [Int] = []
        while begun.count < 6 {
            if case .at(let later) = host.permission(at: .at(time)) { time = later.milliseconds }
            _ = host.begin(at: .at(time))
            begun.append(time)
        }
        #expect(begun == [0, 250, 500, 750, 1_000, 1_250])
        #expect(host.fill(at: .at(60_000)).count == 4)
        #expect(host.permission(at: .at(60_000)) == .at(.at(60_250)))
    }

    @Test(arguments: [0.5, 0.001])
    func aRateMayBeBelowOnePerSecond(rate: Double) {
        var host = host(rate: rate)
        #expect(host.fill(at: .at(0)).count == 1)
        var chance = chance
        _ = host.end(.good, begunAfter: 0, at: .at(1), using: &chance)
        #expect(host.permission(at: .at(1)) == .at(.at(Int(1_000 / rate))))
        #expect(!host.isAtRest(at: .at(1)))
        #expect(host.isAtRest(at: .at(Int(1_000 / rate))))
    }
}

extension HostState {
    /// Begins fetches until no further fetch is allowed now; returns the number of incidents before each
    /// fetch.
    fileprivate mutating func fill(at now: PoolTime) -> [Int] {
        var begun: [Int] = []
        while permission(at: now) == .granted { begun.append(begin(at: now)) }
        return begun
    }

    /// Makes fetches with good responses until the host allows `width` fetches in flight.
    fileprivate mutating func open(to width: Int, using chance: inout FixedChance) {
        while self.width < width {
            let incident = begin(at: .at(0))
            _ = end(.good, begunAfter: incident, at: .at(0), using: &chance)
        }
    }

    /// Makes one fetch that ends at once, and sets `time` to the time of the next possible fetch.
    ///
    /// Returns the wait in milliseconds; 0 if there is none.
    fileprivate mutating func waitedFor(
        _ end: FetchEnd,
        at time: inout Int,
        using chance: inout FixedChance
    ) -> Int {
        let incident = begin(at: .at(time))
        _ = self.end(end, begunAfter: incident, at: .at(time), using: &chance)
        guard case .at(let later) = permission(at: .at(time)) else { return 0 }
        defer { time = later.milliseconds }
        return later.milliseconds - time
    }
}
