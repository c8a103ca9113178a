// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel

/// The settings for retries of failed fetches.
package struct RetrySettings: Hashable, Sendable {
    /// The largest number of retries of one task.
    package var retries = 2
    /// The statuses that are retried.
    package var statuses = TaskError.retryableStatuses
    /// The longest `Retry-After` that the run accepts; with a longer time, the failure is final.
    package var maxRetryAfter: Duration = .seconds(300)

    /// Creates the default settings.
    package init() {}

    /// The settings without retries: every failure is final, and every `Retry-After` is accepted.
    package static var none: RetrySettings {
        var settings = RetrySettings()
        (settings.retries, settings.maxRetryAfter) = (0, .seconds(Int64.max / 2))
        return settings
    }
}

/// The properties of a failed fetch that decide on a retry.
package struct FailedFetch: Hashable, Sendable {
    /// The status, if the status is the failure; `nil` for a failure of another kind.
    package var status: Int?
    /// The class of the failure.
    package var errorClass: ErrorClass
    /// True if a retry may succeed; ignored if the status is the failure.
    package var isRetryable: Bool
    /// The value of `Retry-After`, in seconds; `nil` if there is no usable value.
    package var retryAfter: Double?
    /// The number of fetches of the task that have begun, including the failed fetch.
    ///
    /// Fetches after which the run waited for its unreachable proxy do not count.
    package var fetches: Int
    /// True if the request may be sent again: it is idempotent, was not sent, or was not processed.
    package var mayRepeat: Bool
    /// True if an earlier attempt failed with the class `dns`, except if this failure is a look-up without a
    /// result.
    package var hadDNSFailure: Bool

    /// Creates the description of a failed fetch.
    package init(
        status: Int?,
        errorClass: ErrorClass,
        isRetryable: Bool,
        retryAfter: Double?,
        fetches: Int,
        mayRepeat: Bool,
        hadDNSFailure: Bool
    ) {
        (self.status, self.errorClass, self.isRetryable) = (status, errorClass, isRetryable)
        (self.retryAfter, self.fetches) = (retryAfter, fetches)
        (self.mayRepeat, self.hadDNSFailure) = (mayRepeat, hadDNSFailure)
    }
}

/// The policy that decides whether a failed fetch is retried, and after which wait.
///
/// A fetch is retried only if its request is idempotent, was not sent, or was not processed (RFC 9110
/// §9.2.2). An HTTP/2 server can report that a request was not processed (RFC 9113 §8.7). A request that got
/// the status 429 or 503 may have been processed, even with `Retry-After` (RFC 6585 §4, RFC 9110 §15.6.4).
/// Only a retry after a server's `Retry-After` costs no budget. After the first 100 requests of the run, the
/// budget is a fifth of all requests.
package struct RetryPolicy: Sendable {
    /// The decision on a failed fetch.
    package enum Verdict: Hashable, Sendable {
        /// The task is fetched again, after `wait` nanoseconds at the earliest.
        case again(wait: Int)
        /// The failure is final.
        case final
        /// The failure is final because `Retry-After` is longer than `--max-retry-after`.
        case askedForTooLong(seconds: Double)
        /// The failure is final because the request may have been processed and must not be sent twice.
        case notRepeatable
        /// The failure is final because the run has spent its budget of retries.
        case budgetSpent
    }

    private let settings: RetrySettings
    /// A table of the statuses that are retried, for a fast look-up.
    private let retried: [Bool]
    /// The number of fetches that the run has begun.
    private(set) var requests = 0
    /// The number of retries that count against the budget.
    private(set) var budgetedRetries = 0

    /// The number of requests in a run before the budget applies.
    private static let freeRequests = 100
    /// The number of requests that allow one retry.
    private static let requestsPerRetry = 5

    /// Creates the policy of a run that has made no request yet.
    package init(_ settings: RetrySettings) {
        self.settings = settings
        retried = (0..<1_000).map { settings.statuses.contains($0) }
    }

    /// Counts a fetch that begins.
    package mutating func countRequest() { requests += 1 }

    /// Returns `true` if a status is retried.
    package func isRetried(_ status: Int) -> Bool { retried.indices.contains(status) && retried[status] }

    /// Returns `retryAfter`, in seconds, if the status is retried or is a refusal (`FetchEnd.isRefusal`).
    ///
    /// The result is `nil` for other statuses, and if the time is longer than `RetrySettings.maxRetryAfter`.
    package func kept(_ retryAfter: Double?, status: Int) -> Double? {
        guard let retryAfter, isRetried(status) || FetchEnd.isRefusal(status) else { return nil }
        return isTooLong(retryAfter) ? nil : retryAfter
    }

    /// Returns the decision about a failed fetch, and counts a retry that costs budget.
    package mutating func decide(_ failure: FailedFetch, using random: inout SplitMix64) -> Verdict {
        decide(failure, byChanceOf: &random)
    }

    mutating func decide(
        _ failure: FailedFetch,
        byChanceOf random: inout some RandomNumberGenerator
    ) -> Verdict {
        if let status = failure.status {
            guard isRetried(status) else { return .final }
            if let seconds = failure.retryAfter, isTooLong(seconds) {
                return .askedForTooLong(seconds: seconds)
            }
        } else if !failure.isRetryable || failure.errorClass == .dns && failure.hadDNSFailure {
            return .final
        }
        guard failure.fetches <= settings.retries else { return .final }
        guard failure.mayRepeat else { return .notRepeatable }
        if failure.status != nil, let seconds = failure.retryAfter {
            return .again(wait: BackOff.named(seconds: seconds, using: &random))
        }
        let isFree = requests < Self.freeRequests
        guard isFree || (budgetedRetries + 1) * Self.requestsPerRetry <= requests else { return .budgetSpent }
        budgetedRetries += 1
        return .again(wait: BackOff.fullJitter(retries: failure.fetches - 1, using: &random))
    }

    private func isTooLong(_ seconds: Double) -> Bool { .seconds(seconds) > settings.maxRetryAfter }
}
