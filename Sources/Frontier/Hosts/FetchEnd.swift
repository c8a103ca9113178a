// SPDX-License-Identifier: MIT
// fetchpool

/// The end of a fetch, as the rules of its host see it.
package enum FetchEnd: Hashable, Sendable {
    /// A response came that is no reason against another fetch.
    case good
    /// As `good`, over a multiplexed connection: more requests in flight open no more connections.
    case goodMultiplexed
    /// The host responded, but the fetch failed: by a status that is retried, by the body, or by an error
    /// such as TLS.
    case poor
    /// The host asks for a pause with 429 or 503; `retryAfter` is its time in seconds, if that time is to be
    /// kept.
    case refused(retryAfter: Double?)
    /// No response came.
    case unanswered(Unanswered)
    /// The fetch tells nothing about its host.
    case unknown

    /// A reason for which no response came.
    package enum Unanswered: Hashable, Sendable {
        /// No data came: a time-out, or a connection that broke.
        case silent
        /// No connection was made: it was refused, or there is no route.
        case unconnected
        /// The host's name was not found; libcurl does not tell whether the failure is permanent.
        case notFound
    }

    /// The end of a fetch for which no data came.
    package static let silent = FetchEnd.unanswered(.silent)

    /// Returns `true` for a status that asks for a pause: 429 (RFC 6585 §4) or 503 (RFC 9110 §15.6.4).
    package static func isRefusal(_ status: Int) -> Bool { status == 429 || status == 503 }
}

/// A fetch in flight, as the frontier tracks it.
package struct HostTicket: Hashable, Sendable {
    /// The host's number in the frontier.
    package let host: Int
    /// The number of incidents of the host before the fetch began.
    package let incident: Int

    /// Creates the ticket of a fetch; host 0 stands for tasks without a host.
    package init(host: Int, incident: Int) {
        (self.host, self.incident) = (host, incident)
    }
}
