// SPDX-License-Identifier: MIT
// fetchpool

/// The end of a fetch, classified for the rules of its host.
package enum FetchEnd: Hashable, Sendable {
    /// A response came, and the host may get more fetches.
    case good
    /// A `good` end of a fetch over a multiplexed connection: more requests in flight to the host open no
    /// more connections.
    case goodMultiplexed
    /// The host responded, but the fetch failed because of a status that is retried, the body, or an error
    /// such as a TLS error.
    case poor
    /// The host asks for a pause with 429 or 503, or a proxy asks for fewer requests to the host.
    ///
    /// `retryAfter` is the wait that the host asks for, in seconds; `nil` if the host names no wait, or if
    /// the run does not accept the wait.
    case refused(retryAfter: Double?)
    /// No response came.
    case noResponse(NoResponse)
    /// The end of the fetch contains no information about the host.
    case unknown

    /// The reason why no response came.
    package enum NoResponse: Hashable, Sendable {
        /// The host gave no response: a time-out, a connection that broke, or a failure that is probably
        /// temporary (`TaskError.isPassing`).
        case silent
        /// No connection was made: it was refused, or there is no route.
        case unconnected
        /// The host's name was not found.
        case notFound
    }

    /// The end of a fetch without a response because the host was silent.
    package static let silent = FetchEnd.noResponse(.silent)

    /// Returns `true` for a status that asks for a pause: 429 (RFC 6585 §4) or 503 (RFC 9110 §15.6.4).
    package static func isRefusal(_ status: Int) -> Bool { status == 429 || status == 503 }
}

/// The data that the frontier needs at the end of a fetch in flight.
package struct HostTicket: Hashable, Sendable {
    /// The host's number in the frontier; 0 for a task without a host.
    package let host: Int
    /// The number of incidents of the host (`HostState.incidents`) before the fetch began.
    package let incident: Int

    /// Creates the ticket of a fetch.
    package init(host: Int, incident: Int) {
        (self.host, self.incident) = (host, incident)
    }
}
