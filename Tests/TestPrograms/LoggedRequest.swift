// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A request as seen by the fixture server.
///
/// All times are in milliseconds on the monotonic clock of this machine.
package struct LoggedRequest: Decodable, Sendable {
    /// The time at which the request had arrived completely.
    package let arrivedMS: Double
    /// The time just before the server began the response, or closed the connection without a response; `nil`
    /// until then, and after a reset without a response.
    ///
    /// No client has received a byte of the response before this time.
    package let answeredMS: Double?
    /// The time at which the response was sent completely, or the connection was lost; `nil` until then.
    package let endedMS: Double?
    /// The number of the connection, from 1.
    package let connection: Int
    /// The host and port that the client named.
    package let host: String
    /// The number of requests to `host` that were in progress when this request arrived, including this
    /// request.
    ///
    /// The client had at least this number of requests in flight: the server counts a request from its
    /// arrival until the last byte of the response is sent. The exception is a request that the client has
    /// given up: it counts until the server notices this.
    package let inFlight: Int
    /// The method, such as `GET`.
    package let method: String
    /// The path and query, as received.
    package let target: String
    /// The status of the response; `nil` until the response begins, without a response (`/empty`), and for a
    /// response of raw bytes (`/garbage`, `/chunked-bad`).
    package let status: Int?
    /// The value of `Retry-After` in a response with a status of 400 or more; `nil` if there is none.
    package let retryAfter: String?

    /// Returns the current time of the monotonic clock, in milliseconds.
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
