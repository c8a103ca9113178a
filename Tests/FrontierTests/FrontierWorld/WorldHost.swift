// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Platform
import SimulationSupport

@testable import Frontier

/// A simulated host, which decides the outcome of each request.
struct WorldHost {
    /// The behaviour of a host.
    enum Manner: CaseIterable {
        /// Each request succeeds.
        case healthy
        /// The host refuses a request if the request's number is a multiple of `every`.
        ///
        /// The status is 429 or 503, with or without `Retry-After`.
        case stormy
        /// The host gives no response during `outage`, and is healthy before and after.
        case outage
        /// The host never gives a response.
        case dead
        /// Half of the requests succeed; the other requests end at random with a reset or an error status.
        case flaky
        /// The host's name is not found.
        case nameless
        /// The host asks for a pause that is longer than `RetrySettings.maxRetryAfter`.
        case demanding
    }

    /// The outcome of a request.
    struct Reply {
        /// The time from the start of the request to its outcome, in nanoseconds.
        var after: Int
        var status: Int?
        /// The value of `Retry-After`, in seconds; `nil` for none.
        var retryAfter: Double?
        var errorClass: ErrorClass?

        /// The reason why no response came; `nil` if a response came.
        var noResponse: FetchEnd.NoResponse? {
            guard status == nil else { return nil }
            return errorClass == .dns ? .notFound : errorClass == .connect ? .unconnected : .silent
        }
    }

    let manner: Manner
    /// The usual time to a response, in nanoseconds.
    let latency: Int
    let every: Int
    /// The `Retry-After` of a stormy host, in seconds; `nil` for none.
    let named: Double?
    /// The times at which a host with an outage gives no response, in nanoseconds.
    let outage: Range<Int>
    /// The failure of requests to a dead host, or to a host during its outage.
    ///
    /// A time-out comes after ten seconds, and any other failure after `latency`.
    let failure: ErrorClass
    /// True if the host speaks HTTP/2.
    let isMultiplexed: Bool
    private(set) var requests = 0

    init(_ manner: Manner, using random: inout SeededGenerator) {
        self.manner = manner
        latency = Int.random(in: 1...400, using: &random) * 1_000_000
        isMultiplexed = latency.isMultiple(of: 2_000_000)
        every = Int.random(in: 2...6, using: &random)
        named = Bool.random(using: &random) ? [0, 0.3, 1, 7].randomElement(using: &random) : nil
        let start = Int.random(in: 0...3_000, using: &random) * 1_000_000
        outage = start..<start + Int.random(in: 100...90_000, using: &random) * 1_000_000
        let failures: [ErrorClass] = [.connect, .timeoutConnect, .timeoutTotal, .reset, .dns]
        failure = failures.randomElement(using: &random) ?? .connect
    }

    /// Returns the outcome of a request that begins at `now`.
    mutating func ask(at now: Int, using random: inout SeededGenerator) -> Reply {
        requests += 1
        let success = Reply(after: latency, status: 200)
        let isSlow = failure == .timeoutConnect || failure == .timeoutTotal
        let silence = Reply(after: isSlow ? 10_000_000_000 : latency, errorClass: failure)
        switch manner {
        case .healthy: return success
        case .stormy:
            guard requests % every == 0 else { return success }
            return Reply(after: latency, status: requests % 2 == 0 ? 429 : 503, retryAfter: named)
        case .outage: return outage.contains(now) ? silence : success
        case .dead: return silence
        case .nameless: return Reply(after: latency, errorClass: .dns)
        case .demanding: return Reply(after: latency, status: 429, retryAfter: 301)
        case .flaky: return flaky(using: &random)
        }
    }

    private func flaky(using random: inout SeededGenerator) -> Reply {
        let after = latency + Int.random(in: 0...latency, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return Reply(after: after, errorClass: .reset)
        case 1: return Reply(after: after, status: 500)
        case 2: return Reply(after: after, status: 500, retryAfter: 2)
        case 3: return Reply(after: after, status: 404)
        case 4: return Reply(after: after, status: 429, retryAfter: Bool.random(using: &random) ? 1 : nil)
        default: return Reply(after: after, status: 200)
        }
    }
}
