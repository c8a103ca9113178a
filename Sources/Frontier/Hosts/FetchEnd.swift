// SPDX-License-Identifier: MIT
// fetchpool

/// How a fetch ended, as its host's rules see it.
package enum FetchEnd: Hashable, Sendable {
    /// An answer came that says nothing against another fetch.
    case good
    /// As `good`, over a connection that takes many requests at once: more of them in flight open no more connections.
    case goodMultiplexed
    /// An answer came, but not what was asked for: a status that is tried again, a body that breaks off.
    case poor
    /// The host asks to be left alone: 429 or 503, with the seconds that it named, where they are to be kept.
    case refused(retryAfter: Double?)
    /// No answer came.
    case unanswered(Unanswered)
    /// The fetch says nothing about its host.
    case unknown

    /// How a fetch came to have no answer.
    package enum Unanswered: Hashable, Sendable {
        /// Nothing came: a time-out, or a connection that broke.
        case silent
        /// No connection was made: it was refused, or no way leads there.
        case unconnected
        /// The host's name was not found; libcurl does not say whether that is final.
        case notFound
    }

    /// No answer at all came, for whatever time was waited.
    package static let silent = FetchEnd.unanswered(.silent)

    /// Whether a status asks to be left alone: 429 (RFC 6585 §4) or 503 (RFC 9110 §15.6.4).
    package static func isRefusal(_ status: Int) -> Bool { status == 429 || status == 503 }
}

/// A fetch in flight, as the frontier knows it.
package struct HostTicket: Hashable, Sendable {
    /// The host's number in the frontier.
    package let host: Int
    /// The incidents that the host had had when the fetch began.
    package let incident: Int

    /// A fetch of a host, begun after so many incidents; host 0 is for what belongs to none.
    package init(host: Int, incident: Int) {
        (self.host, self.incident) = (host, incident)
    }
}
