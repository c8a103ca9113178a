// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A request as the fixture server saw it.
///
/// All times are of one clock, the monotonic one of this machine.
package struct LoggedRequest: Decodable, Sendable {
    /// When it had come in whole.
    package let arrivedMS: Double
    /// Just before the first byte of the answer was sent, so that no client has seen it earlier; nil before.
    package let answeredMS: Double?
    /// When all of it was sent, or the connection was lost; nil before.
    package let endedMS: Double?
    /// The number of its connection, from 1.
    package let connection: Int
    /// The host and port that the client named.
    package let host: String
    /// How many requests to the same host had come and not ended when this one came, itself included.
    ///
    /// Each of them was under way at the client for longer than it was here, so the client had no fewer in flight.
    package let inFlight: Int
    package let method: String
    /// Path and query, as they came.
    package let target: String
    /// Nil before the answer, and where it was none.
    package let status: Int?
    /// What the answer said in `Retry-After`.
    package let retryAfter: String?

    /// The time now, on the clock of these times.
    package static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1_000_000
    }

    private enum CodingKeys: String, CodingKey {
        case connection, host, method, target, status
        case arrivedMS = "arrived_ms"
        case answeredMS = "answered_ms"
        case endedMS = "ended_ms"
        case inFlight = "in_flight"
        case retryAfter = "retry_after"
    }
}
