// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@testable import FetchClient

/// Tests of `NameCache`; the times are in milliseconds.
struct NameCacheTests {
    private let first = LookupResult.addresses([.v4(1), .v6(2)])
    private let second = LookupResult.addresses([.v4(3)])

    /// Creates a cache that got the result for the name `a` at time 0.
    private func cache(_ result: LookupResult, _ limits: NameCache.Limits = .init()) -> NameCache {
        var cache = NameCache(limits)
        #expect(cache.find("a", at: 0).begins)
        _ = cache.keep(result, of: "a", at: 0)
        return cache
    }

    @Test func oneLookupIsEnoughForAllWaitingTasks() {
        var cache = NameCache()
        let findings = (0..<3).map { cache.find("a", at: $0) }
        #expect(findings.map(\.begins) == [true, false, false])
        #expect(findings.allSatisfy { $0.known == nil })
        let other = cache.find("b", at: 0)
        #expect(other.begins && other.known == nil)
    }

    @Test func addressesAreUsedForTheirLifetime() {
        var cache = cache(first)
        let inTime = cache.find("a", at: 44_999)
        #expect(inTime.known?.result == first && !inTime.begins)
        let late = cache.find("a", at: 60_000)
        #expect(late.known == nil && late.begins)
    }

    @Test func addressesInUseAreLookedUpAgainBeforeTheirLifetimeEnds() {
        var cache = cache(first)
        let early = cache.find("a", at: 45_000)
        #expect(early.known?.result == first && early.begins)
        let meanwhile = cache.find("a", at: 70_000)
        #expect(meanwhile.known == early.known && !meanwhile.begins)
        let new = cache.keep(second, of: "a", at: 71_000)
        #expect(new.result == second && new.version != early.known?.version)
        #expect(cache.find("a", at: 71_000).known == new)
    }

    @Test func sameAddressesKeepTheirVersion() {
        var cache = cache(first)
        let before = cache.find("a", at: 1).known
        _ = cache.find("a", at: 50_000)
        #expect(cache.keep(first, of: "a", at: 50_100) == before)
        #expect(cache.find("a", at: 94_000).known == before)
    }

    @Test func oldAddressesAreUsedWhileNoNameServerResponds() {
        var cache = cache(first)
        #expect(cache.find("a", at: 60_001).known == nil)
        #expect(cache.keep(.unreachable, of: "a", at: 80_000).result == first)
        let within = cache.find("a", at: 81_999)
        #expect(within.known?.result == first && !within.begins)
        let again = cache.find("a", at: 82_000)
        #expect(again.known?.result == first && again.begins)
        #expect(cache.keep(.unreachable, of: "a", at: 900_000).result == .unreachable)
    }

    /// After `lifetime`, the addresses of a name stay in the cache even if another name is looked up.
    ///
    /// These addresses are used if no name server responds.
    @Test(arguments: [2_000, 60_000])
    func oldAddressesAreUsedAlsoIfOtherNamesAreLookedUp(lifetime: Int) {
        var cache = cache(first, NameCache.Limits(lifetime: lifetime))
        let later = lifetime + 1_000
        #expect(cache.find("b", at: later).begins)
        _ = cache.keep(second, of: "b", at: later)
        let finding = cache.find("a", at: later + 1)
        #expect(finding.known == nil && finding.begins)
        #expect(cache.keep(.unreachable, of: "a", at: later + 2).result == first)
        #expect(cache.find("a", at: later + 3).known?.result == first)
    }

    @Test func addressesOfAMissingNameAreNotUsed() {
        var cache = cache(first)
        _ = cache.find("a", at: 60_001)
        #expect(cache.keep(.missing, of: "a", at: 60_002).result == .missing)
    }

    @Test(arguments: [(LookupResult.missing, 10_000), (.unreachable, 2_000)])
    func aFailureIsKeptForAShorterTimeThanAddresses(failure: LookupResult, time: Int) {
        var cache = cache(failure)
        let within = cache.find("a", at: time - 1)
        #expect(within.known?.result == failure && !within.begins)
        let after = cache.find("a", at: time)
        #expect(after.known == nil && after.begins)
    }

    @Test func retryIgnoresAFailedLookup() {
        var cache = cache(.missing)
        let retry = cache.find("a", ignoresFailures: true, at: 1)
        #expect(retry.known == nil && retry.begins)
        let other = cache.find("a", ignoresFailures: true, at: 1)
        #expect(other.known == nil && !other.begins)
    }

    @Test func zeroLifetimeKeepsNothing() {
        var cache = cache(first, NameCache.Limits(lifetime: 0))
        #expect(cache.count == 0)
        #expect(cache.find("a", at: 0).begins)
        #expect(cache.find("a", at: 0).known == nil)
        _ = cache.keep(.missing, of: "a", at: 0)
        #expect(cache.find("a", at: 0).begins)
    }

    @Test func aboveTheLimitTheOldestNamesAreRemoved() {
        var cache = NameCache(NameCache.Limits(names: 10))
        for number in 0..<1_000 {
            #expect(cache.find("\(number)", at: number).begins)
            _ = cache.keep(first, of: "\(number)", at: number)
            #expect(cache.count <= 10)
        }
        #expect(cache.find("999", at: 1_000).known != nil)
        #expect(cache.find("989", at: 1_000).known == nil)
    }

    @Test func expiredNamesAreRemoved() {
        var cache = NameCache()
        for number in 0..<1_000 {
            _ = cache.find("\(number)", at: number)
            _ = cache.keep(number % 2 == 0 ? first : .missing, of: "\(number)", at: number)
        }
        _ = cache.find("last", at: 901_000)
        _ = cache.keep(first, of: "last", at: 901_000)
        #expect(cache.count == 1)
    }

    @Test func failedLookupsOfKeptAddressesNeedBoundedMemory() {
        var cache = NameCache(NameCache.Limits(names: 10))
        let names = (0..<10).map { "\($0)" }
        for name in names {
            #expect(cache.find(name, at: 0).begins)
            _ = cache.keep(first, of: name, at: 0)
        }
        for turn in 0..<300 {
            for name in names {
                let finding = cache.find(name, at: 50_000 + turn * 2_500)
                #expect(finding.known?.result == first)
                if finding.begins { _ = cache.keep(.unreachable, of: name, at: 50_000 + turn * 2_500) }
            }
            #expect(cache.ageCount <= 50)
        }
        #expect(cache.count == 10)
    }

    @Test func repeatedResultsForANameNeedBoundedMemory() {
        var cache = NameCache(NameCache.Limits(lifetime: 1_000_000_000, names: 10))
        for name in ["kept", "missing"] {
            _ = cache.find(name, at: 0)
            _ = cache.keep(name == "kept" ? first : .missing, of: name, at: 0)
        }
        for turn in 1..<1_000 {
            #expect(cache.find("missing", at: turn * 10_000).begins)
            _ = cache.keep(.missing, of: "missing", at: turn * 10_000)
        }
        #expect(cache.ageCount <= 40)
        #expect(cache.find("kept", at: 10_000_000).known?.result == first)
    }

    /// A look-up begins before or after the addresses have expired, and is cancelled after another name was
    /// looked up.
    ///
    /// The addresses stay until `Limits.stale` has passed, because later look-ups may give no result.
    @Test(arguments: [50_000, 70_000])
    func aNameWhoseLookupWasCancelledIsKeptAsLongAsOthers(begun: Int) {
        var cache = cache(first)
        #expect(cache.find("a", at: begun).begins)
        _ = cache.find("b", at: 80_000)
        _ = cache.keep(first, of: "b", at: 80_000)
        cache.forgetLookup(of: "a", at: 80_001)
        #expect(cache.count == 2)
        _ = cache.find("c", at: 2_000_000)
        _ = cache.keep(first, of: "c", at: 2_000_000)
        #expect(cache.count == 1)
    }

    @Test func cancelledLookupsNeedBoundedMemory() {
        var cache = NameCache(NameCache.Limits(lifetime: 1_000_000_000, names: 10))
        _ = cache.find("kept", at: 0)
        _ = cache.keep(first, of: "kept", at: 0)
        for turn in 0..<1_000 {
            #expect(cache.find("kept", at: 800_000_000 + turn).begins)
            cache.forgetLookup(of: "kept", at: 800_000_000 + turn)
        }
        #expect(cache.ageCount <= 50)
        #expect(cache.count == 1)
    }

    @Test func cancelledLookupCanBeginAgain() {
        var cache = NameCache()
        _ = cache.find("a", at: 0)
        cache.forgetLookup(of: "a", at: 0)
        #expect(cache.find("a", at: 1).begins)
    }
}
