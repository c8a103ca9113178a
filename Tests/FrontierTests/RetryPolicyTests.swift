// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Testing

@testable import Frontier

@Suite struct RetryPolicyTests {
    private func failure(
        _ errorClass: ErrorClass = .reset,
        status: Int? = nil,
        retryAfter: Double? = nil,
        fetches: Int = 1,
        mayRepeat: Bool = true
    ) -> FailedFetch {
        FailedFetch(
            status: status,
            errorClass: errorClass,
            isRetryable: true,
            retryAfter: retryAfter,
            fetches: fetches,
            mayRepeat: mayRepeat,
            hadDNSFailure: false
        )
    }

    private func decide(
        _ failure: FailedFetch,
        _ settings: RetrySettings = RetrySettings()
    ) -> RetryPolicy.Verdict {
        var (policy, chance) = (RetryPolicy(settings), FixedChance.most)
        return policy.decide(failure, using: &chance)
    }

    @Test func theBoundOfARandomWaitDoublesFromHalfASecondToAMinute() {
        var settings = RetrySettings()
        settings.retries = 10
        for (fetches, seconds) in zip(1...10, [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]) {
            let failure = failure(fetches: fetches)
            #expect(decide(failure, settings) == .again(wait: Int(seconds * 1e9)))
            var (policy, chance) = (RetryPolicy(settings), FixedChance.least)
            #expect(policy.decide(failure, using: &chance) == .again(wait: 0))
        }
    }

    @Test(
        arguments: [0, 1.5, 300]
    )
    func aRetryWaitsForRetryAfterAndUpToHalfASecondMore(seconds: Double) {
        let failure = failure(.rateLimited, status: 429, retryAfter: seconds)
        #expect(decide(failure) == .again(wait: Int(seconds * 1e9) + 500_000_000))
    }

    @Test func aRequestThatMayNotBeRepeatedIsNotRetriedEvenWithRetryAfter() {
        for status in [429, 503] {
            let failures = [nil, 1].map {
                failure(.httpStatus, status: status, retryAfter: $0, mayRepeat: false)
            }
            for failure in failures { #expect(decide(failure) == .notRepeatable) }
        }
        #expect(decide(failure(.connect, mayRepeat: false)) == .notRepeatable)
        // The next two failures are final even for requests that may be repeated.
        #expect(decide(failure(.httpStatus, status: 404, mayRepeat: false)) == .final)
        #expect(decide(failure(.connect, fetches: 3, mayRepeat: false)) == .final)
    }

    @Test(
        arguments: [429, 503, 500]
    )
    func aRetryAfterAboveTheLimitEndsTheTaskAtOnce(status: Int) {
        for fetches in [1, 3] {
            let failure = failure(.httpStatus, status: status, retryAfter: 300.5, fetches: fetches)
            #expect(decide(failure) == .askedForTooLong(seconds: 300.5))
        }
    }

    @Test func aRetryAfterCountsOnlyWithinTheLimitAndWithAStatusThatIsRetried() {
        #expect(decide(failure(.httpStatus, status: 404, retryAfter: 1)) == .final)
        #expect(decide(failure(.httpStatus, status: 404, retryAfter: 1e9)) == .final)
        let policy = RetryPolicy(RetrySettings())
        #expect(policy.kept(1, status: 404) == nil)
        #expect(policy.kept(1, status: 500) == 1)
        #expect(policy.kept(301, status: 429) == nil)
    }

    @Test(
        arguments: [0, 1, 2, 5]
    )
    func aTaskGetsTheAllowedNumberOfRetries(retries: Int) {
        var settings = RetrySettings()
        settings.retries = retries
        var (policy, chance) = (RetryPolicy(settings), FixedChance.most)
        var fetches = 1
        while case .again = policy.decide(failure(fetches: fetches), using: &chance) { fetches += 1 }
        #expect(fetches == retries + 1)
    }

    @Test func onlyTheStatusesInTheListAreRetried() {
        for status in 400..<600 {
            let isTried = decide(failure(.httpStatus, status: status)) != .final
            #expect(isTried == [408, 425, 429, 500, 502, 503, 504, 522, 524].contains(status))
        }
        var settings = RetrySettings()
        settings.statuses = [404]
        #expect(decide(failure(.httpStatus, status: 404), settings) != .final)
        #expect(decide(failure(.rateLimited, status: 429), settings) == .final)
    }

    @Test func lastingFailuresAndNamesNotFoundTwiceAreNotRetried() {
        var posted = failure(.httpStatus, status: 503, retryAfter: 1)
        posted.mayRepeat = false
        #expect(decide(posted) == .notRepeatable)
        var refused = failure(.tls)
        refused.isRetryable = false
        #expect(decide(refused) == .final)
        var nameless = failure(.dns)
        #expect(decide(nameless) != .final)
        nameless.hadDNSFailure = true
        #expect(decide(nameless) == .final)
        nameless.errorClass = .connect
        #expect(decide(nameless) != .final)
    }

    @Test func after100RequestsOnlyAFifthCanBeRetriesWithoutRetryAfter() {
        var (policy, chance) = (RetryPolicy(RetrySettings()), FixedChance.most)
        for _ in 0..<99 { policy.countRequest() }
        for _ in 0..<21 { #expect(policy.decide(failure(), using: &chance) != .budgetSpent) }
        policy.countRequest()
        #expect(policy.decide(failure(), using: &chance) == .budgetSpent)
        #expect(policy.decide(failure(.httpStatus, status: 500), using: &chance) == .budgetSpent)
        let named = failure(.rateLimited, status: 429, retryAfter: 1)
        for _ in 0..<50 { #expect(policy.decide(named, using: &chance) != .budgetSpent) }
        // 110 requests allow 22 retries.
        for _ in 0..<9 { policy.countRequest() }
        #expect(policy.decide(failure(), using: &chance) == .budgetSpent)
        policy.countRequest()
        #expect(policy.decide(failure(), using: &chance) != .budgetSpent)
        #expect(policy.budgetedRetries == 22)
    }
}
