// SPDX-License-Identifier: MIT
// fetchpool

/// One client connection: what it has read, what it is answering, and what waits to be sent.
final class Connection {
    /// What the connection is doing.
    enum Phase {
        /// It waits for the rest of a request.
        case reading
        /// A timer is running: before the answer, or between two pieces of its body.
        case waiting
        /// It sends the head, the body, or what is left of them.
        case sending
        /// A request will never be answered.
        case hanging
        /// All is sent, and it waits for the client to close too, so that the answer is not lost in a reset.
        case lingering
    }

    let descriptor: Int32
    /// Its place among all that were accepted, from 1.
    let number: Int
    var reader = RequestReader()
    var phase = Phase.reading
    /// The request in hand and its answer.
    var exchange: Exchange?
    var requests = 0
    /// The timer it waits for; 0 for none.
    var timer: UInt64 = 0

    var output: [UInt8] = []
    var sent = 0

    // The last that epoll reported; with edge triggering these hold until a call would block.
    var canRead = true
    var canWrite = true
    /// The client has ended its sending side.
    var peerEnded = false
    /// It waits for its next turn of the loop.
    var isScheduled = false

    init(descriptor: Int32, number: Int) {
        self.descriptor = descriptor
        self.number = number
    }
}

/// A request with its answer under way.
struct Exchange {
    let request: Request
    let reply: Reply
    /// Its ticket in the log; nil where it is not counted.
    let ticket: Int?
    let closes: Bool
    /// Makes the rest of the body; nil when all of it is in the output.
    var source: BodySource?
    var hasBegun = false

    init(_ request: Request, _ reply: Reply, ticket: Int?) {
        self.request = request
        self.reply = reply
        self.ticket = ticket
        var closes = !request.keepsAlive
        if case .close = reply.ending { closes = true }
        // Without length and chunks only the end of the connection ends the body.
        if case .stream(nil, _) = reply.body, !reply.isChunked(for: request), reply.statusHasBody {
            closes = true
        }
        self.closes = closes
    }

    /// Puts the head and a whole body into `output`, or sets up the source of the body.
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

/// The source that sends what `source` makes in chunks (RFC 9112, 7.1).
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
