// SPDX-License-Identifier: MIT
// fetchpool

package import FetchModel

/// When a failed fetch is begun again.
package struct RetrySettings: Hashable, Sendable {
    /// Further fetches of a task after failures that another try may mend.
    package var retries = 2
    /// Statuses that are tried again.
    package var statuses: Set<Int> = [408, 425, 429, 500, 502, 503, 504, 522, 524]
    /// The longest time that a server may name in `Retry-After`; with more, the task fails at once.
    package var maxRetryAfter: Duration = .seconds(300)

    /// The defaults.
    package init() {}

    /// Every failure stands, whatever a server asks for.
    package static var none: RetrySettings {
        var settings = RetrySettings()
        (settings.retries, settings.maxRetryAfter) = (0, .seconds(Int64.max / 2))
        return settings
    }
}

/// How a fetch failed, as far as it matters to another try.
package struct FailedFetch: Hashable, Sendable {
    /// The status that is the failure; `nil` where something else is.
    package var status: Int?
    /// The typed reason.
    package var errorClass: ErrorClass
    /// Whether whoever fetched thinks that another try may help.
    package var isRetryable: Bool
    /// What `Retry-After` asked for, in seconds.
    package var retryAfter: Double?
    /// Fetches of the task that have begun, this one included.
    package var fetches: Int
    /// True if the task may be sent twice, or was not sent at all.
    package var mayRepeat: Bool
    /// Whether the host's name could not be found at an earlier try either.
    package var hadDNSFailure: Bool

    /// A failure of a fetch.
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

/// Decides what follows a failed fetch.
///
/// Pure: chance is handed in. Only what is idempotent, was never sent, or was let be by its server's word in HTTP/2, is sent again
/// (RFC 9110 §9.2.2, RFC 9113 §8.7). Neither 429 nor 503 is such a word, whatever `Retry-After` says: RFC 6585 §4 and RFC 9110 §15.6.4
/// leave open what was done, and a proxy says them too where a server behind it has failed in the middle of the work.
/// A server that names a time is taken at its word, and costs no budget. All other
/// retries of a run may not be more than a fifth of its requests, so that a service in trouble is not asked all the more.
package struct RetryPolicy: Sendable {
    /// What follows.
    package enum Verdict: Hashable, Sendable {
        /// The task is fetched again, so many nanoseconds from now at the earliest.
        case again(wait: Int)
        /// The failure stands.
        case final
        /// It stands: `Retry-After` is more than `--max-retry-after`.
        case askedForTooLong(seconds: Double)
        /// It stands since the request may have been processed, and may not be sent twice.
        case notRepeatable
        /// It stands since too much of the run has been retries.
        case budgetSpent
    }

    private let settings: RetrySettings
    /// The statuses that are tried again, so that an answer's is looked up at no cost.
    private let retried: [Bool]
    /// Fetches that the run has begun.
    private(set) var requests = 0
    /// Retries that count against the budget.
    private(set) var budgetedRetries = 0

    /// The requests of a run before its budget counts.
    private static let freeRequests = 100
    /// One retry is paid by so many requests.
    private static let requestsPerRetry = 5

    package init(_ settings: RetrySettings) {
        self.settings = settings
        retried = (0..<1_000).map { settings.statuses.contains($0) }
    }

    /// Counts a fetch that begins.
    package mutating func countRequest() { requests += 1 }

    /// Whether a status is one that is tried again.
    package func isRetried(_ status: Int) -> Bool { retried.indices.contains(status) && retried[status] }

    /// The seconds of a `Retry-After` that are to be kept; `nil` where they are not read, or are more than anybody waits.
    package func kept(_ retryAfter: Double?, status: Int) -> Double? {
        guard let retryAfter, isRetried(status) || FetchEnd.isRefusal(status) else { return nil }
        return isTooLong(retryAfter) ? nil : retryAfter
    }

    /// Decides on one failure.
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
