// SPDX-License-Identifier: MIT
// fetchpool

/// The state of one client connection: its input, its present exchange and its pending output.
final class Connection {
    /// The phases of a connection.
    enum Phase {
        /// The connection waits for a request, or for the rest of a request.
        case reading
        /// A timer is running: before the response, or between two pieces of the response.
        case waiting
        /// The connection sends the head and the body.
        case sending
        /// The present request never gets a response.
        case hanging
        /// The response is sent.
        ///
        /// The server has closed its sending side. The connection waits until the client also closes its
        /// side, but at most for `Server.lingerNanoseconds`. Without the wait, a reset could destroy the
        /// response.
        case lingering
    }

    let descriptor: Int32
    /// The number of the connection among all accepted connections, from 1.
    let number: Int
    var reader = RequestReader()
    var phase = Phase.reading
    /// The present request and its response; nil before the first request and after each response.
    var exchange: Exchange?
    var requests = 0
    /// The id of the timer that the connection waits for; 0 for none.
    var timer: UInt64 = 0

    var output: [UInt8] = []
    var sent = 0

    // False if it is useless to read (`canRead`) or to write (`canWrite`) before epoll's next event. epoll
    // reports each change only once (EPOLLET), so the connection keeps these values.
    var canRead = true
    var canWrite = true
    /// True if the client has closed its sending side.
    var peerEnded = false
    /// True while the connection waits in the server's list `scheduled`.
    var isScheduled = false

    init(descriptor: Int32, number: Int) {
        self.descriptor = descriptor
        self.number = number
    }
}

/// A request and its response in progress.
struct Exchange {
    let request: Request
    let reply: Reply
    /// The ticket of the request in the log; nil if the request is not counted.
    let ticket: Int?
    /// True if the connection is closed after the response, unless `reply.ending` is `reset` or `hang`.
    let closes: Bool
    /// The generator of the rest of the body; nil before the response begins, and if nothing is left to
    /// generate.
    var source: BodySource?
    var hasBegun = false

    init(_ request: Request, _ reply: Reply, ticket: Int?) {
        self.request = request
        self.reply = reply
        self.ticket = ticket
        var closes = !request.keepsAlive
        if case .close = reply.ending { closes = true }
        // A body that has neither a length nor chunks ends with the connection (RFC 9112, 6.3).
        if case .stream(nil, _) = reply.body, !reply.isChunked(for: request), reply.statusHasBody {
            closes = true
        }
        self.closes = closes
    }

    /// Appends the head to `output`, and then the body; keeps the source of a generated body.
    ///
    /// A response may lack a head, a body or both.
    mutating func begin(_ output: inout [UInt8]) {
        hasBegun = true
        if reply.hasHead { reply.appendHead(to: &output, for: request, closes: closes) }
        guard request.method != "HEAD" || !reply.hasHead, reply.statusHasBody else { return }
        switch reply.body {
        case .whole(let bytes): output.append(contentsOf: bytes)
        case .stream(_, let source): self.source = reply.isChunked(for: request) ? chunked(source) : source
        }
    }
}

/// Returns a source that makes chunks of the bytes of `source` (RFC 9112, 7.1).
private func chunked(_ source: @escaping BodySource) -> BodySource {
    var piece: [UInt8] = []
    return { output in
        piece.removeAll(keepingCapacity: true)
        let step = source(&piece)
        if !piece.isEmpty {
            output.append(contentsOf: String(piece.count, radix: 16).utf8)
            output.append(contentsOf: "\r\n".utf8)
            output.append(contentsOf: piece)
            output.append(contentsOf: "\r\n".utf8)
        }
        if case .end = step { output.append(contentsOf: "0\r\n\r\n".utf8) }
        return step
    }
}
