// SPDX-License-Identifier: MIT
// fetchpool

/// The last requests in the order of their arrival: when each came and was answered, and in whose company.
struct RequestLog {
    /// The most requests it holds.
    static let maxEntries = 100_000

    /// One request.
    struct Entry {
        /// When it had come in whole; nanoseconds of the monotonic clock, as all times here.
        let arrived: UInt64
        /// When the first byte of its answer was about to be sent; nil before.
        var answered: UInt64?
        /// When the last byte was, or the connection was lost; nil before.
        var ended: UInt64?
        /// The number of its connection, from 1.
        let connection: Int
        /// What the client calls the server: the authority of the target, or the `Host` field.
        let host: String
        /// How many requests to this host, this one included, had come and not ended when it came.
        let inFlight: Int
        let method: String
        let target: String
        /// Nil where the answer has no status.
        var status: Int?
        var retryAfter: String?
    }

    private var entries: [Entry] = []
    /// The place of the oldest entry.
    private var oldest = 0
    /// The ticket of the oldest entry.
    private var firstTicket = 0
    private var inFlight: [String: Int] = [:]

    /// Adds a request, and returns the ticket by which it is found again.
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

    /// Notes that a request is being answered.
    mutating func answer(_ ticket: Int, with reply: Reply, at now: UInt64) {
        guard let place = place(of: ticket) else { return }
        entries[place].answered = now
        entries[place].status = reply.hasHead ? reply.status : nil
        // Few answers have the field; the others are spared the search.
        guard reply.status >= 400 else { return }
        entries[place].retryAfter = reply.fields.first { $0.name == "Retry-After" }?.value
    }

    /// Notes that the answer to a request for `host` was sent, or its connection lost.
    mutating func end(_ ticket: Int, host: String, at now: UInt64) {
        let left = inFlight[host, default: 1] - 1
        inFlight[host] = left == 0 ? nil : left
        if let place = place(of: ticket) { entries[place].ended = now }
    }

    /// Forgets all entries; those that are being answered still count as in flight.
    mutating func clear() {
        firstTicket += entries.count
        entries = []
        oldest = 0
    }

    /// The entries from the oldest to the newest.
    var inOrder: [Entry] { Array(entries[oldest...] + entries[..<oldest]) }

    /// Nil for a request that was forgotten.
    private func place(of ticket: Int) -> Int? {
        let index = ticket - firstTicket
        return index < 0 ? nil : (oldest + index) % max(entries.count, 1)
    }
}
