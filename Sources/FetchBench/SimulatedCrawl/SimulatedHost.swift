// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Frontier

/// A simulated host: its response time, its manner, and the counts of its tasks and requests.
///
/// The type is small because there may be millions of hosts, and most accesses are cache misses.
struct SimulatedHost {
    /// The behaviour of a host.
    enum Manner: UInt8, CaseIterable {
        /// Each request succeeds, over HTTP/1.1.
        case healthy
        /// Each request succeeds, over HTTP/2.
        case multiplexed
        /// No response comes: a time-out after 10 s.
        case silent
        /// The connection is refused.
        case refusing
        /// The name is not found.
        case nameless
        /// Some requests are refused with 429, half of these with `Retry-After`.
        case busy
        /// Some requests end with status 500, or with a reset.
        case flaky
    }

    /// The outcome of a request.
    struct Reply {
        /// The time from the start of the request to its outcome, in milliseconds.
        var milliseconds: Int
        /// The meaning of the outcome for the host.
        var end: FetchEnd
        /// The class of the failure; `nil` if the request succeeded.
        var failure: ErrorClass?
        /// The status of the response; `nil` if no response came.
        var status: Int?
        /// The time of `Retry-After`, in seconds; `nil` if there is none.
        var retryAfter: Double?
    }

    /// The hash of the host's name.
    let hash: HostHash
    /// The end of the host's `Retry-After` time, in nanoseconds of virtual time; 0 if there was none.
    var opens = 0
    /// The number of the host's tasks that `CrawlLines` has prepared.
    var tasks: UInt32 = 0
    /// The number of requests.
    var requests: UInt32 = 0
    /// The number of requests in flight.
    var inFlight: UInt32 = 0
    /// The usual response time, in milliseconds.
    let latency: UInt16
    let manner: Manner

    /// The time after which a request to a silent host fails, in milliseconds: the default of
    /// `--connect-timeout`.
    private static let timeout = 10_000

    /// Creates a host; `trouble` is the share of hosts that give trouble.
    ///
    /// The usual response time has a log-normal distribution with median 200 ms. A time below 10 ms becomes
    /// 10 ms, and a time above 5,000 ms becomes 5,000 ms.
    init(hash: HostHash, trouble: Double, using random: inout SplitMix64) {
        self.hash = hash
        let (radius, angle) = (1 - random.fraction(), random.fraction())
        let normal = (-2 * log(radius)).squareRoot() * cos(2 * .pi * angle)
        latency = UInt16(min(5_000, max(10, 200 * exp(0.7 * normal))))
        let draw = random.fraction()
        if draw >= trouble {
            manner = random.fraction() < 0.1 ? .multiplexed : .healthy
        } else {
            let all: [Manner] = [.silent, .refusing, .nameless, .busy, .flaky]
            manner = all[min(4, Int(draw / trouble * 5))]
        }
    }

    /// Returns the outcome of a request that begins now.
    mutating func ask(using random: inout SplitMix64) -> Reply {
        requests &+= 1
        let spread = random.fraction()
        // A request takes 0.5 to 1.5 times the usual time. For one request in a hundred, this time is
        // multiplied by ten.
        let factor = (0.5 + spread) * (random.next() % 100 == 0 ? 10 : 1)
        let time = max(1, Int(Double(latency) * factor))
        let good = Reply(milliseconds: time, end: .good, status: 200)
        switch manner {
        case .healthy: return good
        case .multiplexed: return Reply(milliseconds: time, end: .goodMultiplexed, status: 200)
        case .silent: return .failed(.timeoutConnect, .silent, after: Self.timeout)
        case .refusing: return .failed(.connect, .noResponse(.unconnected), after: time)
        case .nameless: return .failed(.dns, .noResponse(.notFound), after: time)
        case .busy:
            guard requests % 50 == 0 else { return good }
            let seconds = requests % 100 == 0 ? Double(1 + random.next() % 30) : nil
            return Reply(
                milliseconds: time,
                end: .refused(retryAfter: seconds),
                failure: .rateLimited,
                status: 429,
                retryAfter: seconds
            )
        case .flaky:
            switch random.next() % 40 {
            case 0: return .failed(.reset, .silent, after: time)
            case 1: return Reply(milliseconds: time, end: .poor, failure: .httpStatus, status: 500)
            default: return good
            }
        }
    }
}

extension SimulatedHost.Reply {
    fileprivate static func failed(_ failure: ErrorClass, _ end: FetchEnd, after milliseconds: Int) -> Self {
        Self(milliseconds: milliseconds, end: end, failure: failure)
    }
}

extension SplitMix64 {
    /// Returns a random number from 0 up to 1, without 1.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}
