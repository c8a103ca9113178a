// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

// Bounds: each pointer passed to the kernel points to a local value, or to an array whose count is passed
// too.

/// A name server over UDP on one thread; `NameReply` makes the responses.
struct NameServer {
    /// The port on which the server listens.
    let port: UInt16
    private let socket: Int32
    private let stopSignals: Int32
    /// The delay of each response, in nanoseconds.
    private let latency: UInt64
    /// The delayed responses in the order in which they become due; all have the same delay.
    ///
    /// The responses before the index `firstWaiting` were already sent.
    private var waiting: [(due: UInt64, reply: [UInt8], sender: sockaddr_in)] = []
    private var firstWaiting = 0

    /// Binds to an IPv4 address; for port 0 the system chooses a port.
    init(address: String, port: UInt16, latency: UInt64) throws(SystemFailure) {
        stopSignals = try ProcessSetup.stopSignals()
        let action = "resolve names on \(address), port \(port)"
        guard let place = SocketAddress(address, port: port), place.family == AF_INET else {
            throw SystemFailure(action, code: EAFNOSUPPORT)
        }
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        socket = Glibc.socket(AF_INET, kind, 0)
        guard socket >= 0, place.bind(socket), let bound = SocketAddress(of: socket) else {
            throw SystemFailure(action)
        }
        self.port = bound.port
        self.latency = latency
        // Bursts of queries wait in a large buffer.
        var size: Int32 = 8 << 20
        _ = unsafe setsockopt(
            socket,
            SOL_SOCKET,
            SO_RCVBUF,
            &size,
            socklen_t(MemoryLayout<Int32>.size)
        )
    }

    /// Sends responses until SIGTERM, SIGINT or, with `watchesInput`, the end of standard input.
    mutating func run(watchesInput: Bool) {
        var buffer = [UInt8](repeating: 0, count: 1_500)
        while true {
            sendDue()
            var entries = [
                pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopSignals, events: Int16(POLLIN), revents: 0),
                pollfd(fd: watchesInput ? 0 : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&entries, nfds_t(entries.count), timeout) > 0 else { continue }
            if entries[1].revents != 0 { return }
            if entries[2].revents != 0, ProcessSetup.standardInputEnded() { return }
            while let sender = receive(into: &buffer) { respond(to: sender.query, sender.address) }
        }
    }

    /// The time until the next response is due, in milliseconds, rounded up; -1 if no response waits.
    private var timeout: Int32 {
        guard firstWaiting < waiting.count else { return -1 }
        let (due, now) = (waiting[firstWaiting].due, ProcessSetup.now())
        return due <= now ? 0 : Int32((due - now + 999_999) / 1_000_000)
    }

    private func receive(into buffer: inout [UInt8]) -> (query: [UInt8], address: sockaddr_in)? {
        var address = sockaddr_in()
        var size = socklen_t(Self.addressSize)
        let count = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe recvfrom(socket, &buffer, buffer.count, 0, generic, &size)
            }
        }
        return count < 0 ? nil : (Array(buffer[..<count]), address)
    }

    private mutating func respond(to query: [UInt8], _ sender: sockaddr_in) {
        guard let reply = NameReply.to(query) else { return }
        guard latency > 0 else { return send(reply, to: sender) }
        waiting.append((ProcessSetup.now() + latency, reply, sender))
    }

    private mutating func sendDue() {
        let now = ProcessSetup.now()
        while firstWaiting < waiting.count, waiting[firstWaiting].due <= now {
            send(waiting[firstWaiting].reply, to: waiting[firstWaiting].sender)
            firstWaiting += 1
        }
        if firstWaiting == waiting.count || firstWaiting > 10_000 {
            waiting.removeFirst(firstWaiting)
            firstWaiting = 0
        }
    }

    private static let addressSize = MemoryLayout<sockaddr_in>.size

    private func send(_ reply: [UInt8], to sender: sockaddr_in) {
        _ = unsafe withUnsafePointer(to: sender) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe sendto(socket, reply, reply.count, 0, generic, socklen_t(Self.addressSize))
            }
        }
    }
}
