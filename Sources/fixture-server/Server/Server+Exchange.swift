// SPDX-License-Identifier: MIT
// fetchpool

extension Server {
    /// The largest number of steps of one connection before other connections get a turn.
    ///
    /// A step usually reads or sends at most 64 KiB.
    private static let stepsPerTurn = 32
    /// The limit for reading ahead while a request is in progress: once this many bytes wait, no more are
    /// read.
    private static let readAheadBytes = 128 * 1024
    /// The longest time that a connection stays in the phase `lingering`, in nanoseconds.
    private static let lingerNanoseconds: UInt64 = 1_000_000_000

    /// Advances a connection until it must wait, but by at most `stepsPerTurn` steps.
    ///
    /// After that number of steps, the connection continues when other connections have had a turn.
    func advance(_ connection: Connection) {
        for _ in 0..<Self.stepsPerTurn {
            guard isOpen(connection), step(connection) else { return }
        }
        if isOpen(connection) { schedule(connection) }
    }

    /// Handles the expiry of the timer that the connection waited for.
    func timerFired(_ connection: Connection) {
        switch connection.phase {
        case .waiting:
            connection.phase = .sending
            advance(connection)
        case .lingering: drop(connection)
        case .reading, .sending, .hanging: break
        }
    }

    /// Ends the present exchange, if there is one; its request then no longer counts as concurrent.
    func finishExchange(_ connection: Connection) {
        guard let exchange = connection.exchange else { return }
        connection.exchange = nil
        if let ticket = exchange.ticket { site.end(ticket, exchange.request, at: ProcessSetup.now()) }
    }

    /// Performs one step; returns false if the connection must wait for an event, or was closed.
    private func step(_ connection: Connection) -> Bool {
        switch connection.phase {
        case .reading: return stepReading(connection)
        case .sending: return stepSending(connection)
        case .waiting, .hanging:
            // A client that gives up closes its socket. The server, which sends nothing now, sees this as the
            // end of the client's data.
            readMore(connection)
            if isOpen(connection), connection.peerEnded { drop(connection) }
            return false
        case .lingering:
            return stepLingering(connection)
        }
    }

    private func stepReading(_ connection: Connection) -> Bool {
        do {
            if let request = try connection.reader.next() {
                begin(connection, request)
                return true
            }
        } catch {
            refuse(connection, error)
            return true
        }
        if connection.reader.owesContinue {
            connection.reader.sentContinue()
            _ = Socket.send(connection.descriptor, Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), from: 0)
        }
        guard connection.canRead else {
            if connection.peerEnded { drop(connection) }
            return false
        }
        readOnce(connection)
        return true
    }

    private func begin(_ connection: Connection, _ request: Request) {
        var request = request
        connection.requests += 1
        request.ordinal = connection.requests
        let ticket = site.count(request, connection: connection.number, at: ProcessSetup.now())
        let reply = site.reply(to: request)
        connection.exchange = Exchange(request, reply, ticket: ticket)
        if case .hang = reply.ending {
            connection.phase = .hanging
        } else if latency + reply.delay > 0 {
            connection.phase = .waiting
            setTimer(connection, after: latency + reply.delay)
        } else {
            connection.phase = .sending
        }
    }

    /// Responds to bytes that are not a request, and closes the connection, because the start of the next
    /// request is unknown.
    private func refuse(_ connection: Connection, _ fault: RequestFault) {
        var reply = Reply.text(fault.message, status: fault.status)
        reply.ending = .close
        let request = Request(
            method: "GET",
            target: "/",
            isVersion11: true,
            headerBytes: [],
            keepsAlive: false
        )
        connection.exchange = Exchange(request, reply, ticket: nil)
        connection.phase = .sending
    }

    private func stepSending(_ connection: Connection) -> Bool {
        if let exchange = connection.exchange, !exchange.hasBegun {
            if case .reset = exchange.reply.ending, !exchange.reply.hasHead {
                Socket.resetOnClose(connection.descriptor)
                drop(connection)
                return false
            }
            if let ticket = exchange.ticket {
                site.log.noteReply(exchange.reply, to: ticket, at: ProcessSetup.now())
            }
            connection.exchange?.begin(&connection.output)
        }
        if connection.sent < connection.output.count { return flush(connection) }
        connection.sent = 0
        connection.output.removeAll(keepingCapacity: connection.output.capacity <= 128 * 1024)
        guard let source = connection.exchange?.source else {
            finish(connection)
            return true
        }
        switch source(&connection.output) {
        case .more: break
        case .end: connection.exchange?.source = nil
        case .pause(let delay): return pause(connection, delay)
        }
        return true
    }

    /// Sends the pending output as far as possible, and starts the timer for the next piece.
    private func pause(_ connection: Connection, _ delay: UInt64) -> Bool {
        while connection.sent < connection.output.count { guard flush(connection) else { break } }
        guard isOpen(connection) else { return false }
        connection.phase = .waiting
        setTimer(connection, after: delay)
        return true
    }

    private func flush(_ connection: Connection) -> Bool {
        guard connection.canWrite else { return false }
        switch Socket.send(connection.descriptor, connection.output, from: connection.sent) {
        case .bytes(let count):
            connection.sent += count
            return true
        case .wouldBlock:
            connection.canWrite = false
        case .broken:
            drop(connection)
        }
        return false
    }

    private func finish(_ connection: Connection) {
        let closes = connection.exchange?.closes ?? true
        let ending = connection.exchange?.reply.ending ?? .close
        finishExchange(connection)
        if connection.output.capacity > 16 * 1024 { connection.output = [] }
        if case .reset = ending {
            Socket.resetOnClose(connection.descriptor)
            drop(connection)
        } else if closes {
            Socket.endSending(connection.descriptor)
            connection.phase = .lingering
            setTimer(connection, after: Self.lingerNanoseconds)
        } else {
            connection.phase = .reading
        }
    }

    private func stepLingering(_ connection: Connection) -> Bool {
        if connection.canRead, case .bytes = receive(connection) { return true }
        if isOpen(connection), connection.peerEnded, !connection.canRead { drop(connection) }
        return false
    }

    /// Reads all available bytes, up to the read-ahead limit.
    private func readMore(_ connection: Connection) {
        while isOpen(connection), connection.canRead, connection.reader.waitingBytes < Self.readAheadBytes {
            readOnce(connection)
        }
    }

    private func readOnce(_ connection: Connection) {
        if case .bytes(let count) = receive(connection) { connection.reader.append(scratch[..<count]) }
    }

    /// Reads once and updates the state of the connection.
    private func receive(_ connection: Connection) -> Received {
        let received = Socket.receive(connection.descriptor, into: &scratch)
        switch received {
        case .bytes(let count):
            // A short read has emptied the socket, and new bytes cause a new event. But if epoll has reported
            // the end of the client's data, no further event follows, so the next read must find the end.
            if count < scratch.count, !connection.peerEnded { connection.canRead = false }
        case .wouldBlock:
            connection.canRead = false
        case .end:
            connection.canRead = false
            connection.peerEnded = true
        case .broken:
            drop(connection)
        }
        return received
    }
}
