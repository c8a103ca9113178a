// SPDX-License-Identifier: MIT
// fetchpool

/// A log of the last `maxEntries` requests in the order of arrival, with their times and the number of
/// requests in flight.
struct RequestLog {
    /// The largest number of entries.
    static let maxEntries = 100_000

    /// One request.
    struct Entry {
        /// The time at which the whole request had arrived.
        ///
        /// All times are nanoseconds of the monotonic clock.
        let arrived: UInt64
        /// The time at which the server began the response, or closed the connection without a response; nil
        /// until then.
        ///
        /// The value stays nil if the server resets the connection without a response or never responds
        /// (`/hang`), or if the connection ends earlier.
        var began: UInt64?
        /// The time at which the last byte was sent or the connection ended; nil until then.
        var ended: UInt64?
        /// The number of the connection, from 1.
        let connection: Int
        /// The host in the request: the authority of the target, or else the `Host` field.
        ///
        /// Empty if the request has neither.
        let host: String
        /// The number of requests to this host in flight when this request arrived, including this request.
        let inFlight: Int
        let method: String
        let target: String
        /// The status; nil before the response begins, and always nil for a response whose `Reply.hasHead` is
        /// false.
        var status: Int?
        /// The value of `Retry-After` in a response with a status of 400 or more; nil if there is none.
        var retryAfter: String?
    }

    private var entries: [Entry] = []
    /// The index of the oldest entry.
    private var oldest = 0
    /// The ticket of the oldest entry; without entries, the ticket of the next entry.
    private var firstTicket = 0
    private var inFlight: [String: Int] = [:]

    /// Adds a request; returns its ticket, a running number, for later calls.
    mutating func add(_ request: Request, connection: Int, at now: UInt64) -> Int {
        inFlight[request.host, default: 0] += 1
        let entry = Entry(
            arrived: now,
            connection: connection,
            host: request.host,
            inFlight: inFlight[request.host, default: 0],
            method: request.method,
            target: request.target
        )
        if entries.count < Self.maxEntries {
            entries.append(entry)
        } else {
            entries[oldest] = entry
            oldest = (oldest + 1) % Self.maxEntries
            firstTicket += 1
        }
        return firstTicket + entries.count - 1
    }

    /// Notes that the response to a request begins.
    mutating func noteReply(_ reply: Reply, to ticket: Int, at now: UInt64) {
        guard let place = place(of: ticket) else { return }
        entries[place].began = now
        entries[place].status = reply.hasHead ? reply.status : nil
        // Only error responses have `Retry-After`, so the fields of other responses are not searched.
        guard reply.status >= 400 else { return }
        entries[place].retryAfter = reply.fields.first { $0.name == "Retry-After" }?.value
    }

    /// Notes that the response to a request for `host` was sent, or that the connection has ended.
    mutating func end(_ ticket: Int, host: String, at now: UInt64) {
        let left = inFlight[host, default: 1] - 1
        inFlight[host] = left == 0 ? nil : left
        if let place = place(of: ticket) { entries[place].ended = now }
    }

    /// Removes all entries; requests in progress still count as in flight.
    mutating func clear() {
        firstTicket += entries.count
        entries = []
        oldest = 0
    }

    /// The entries, oldest first.
    var inOrder: [Entry] { Array(entries[oldest...] + entries[..<oldest]) }

    /// Returns the index of a request's entry; nil if the entry was removed.
    private func place(of ticket: Int) -> Int? {
        let index = ticket - firstTicket
        return index < 0 ? nil : (oldest + index) % max(entries.count, 1)
    }
}
