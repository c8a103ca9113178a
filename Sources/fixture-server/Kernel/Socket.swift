// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

// Bounds: each pointer passed to the kernel points to a local value, or to an array whose count is passed
// too.

/// The result of reading from a connection.
enum Received {
    case bytes(Int)
    case end
    case wouldBlock
    case broken
}

/// The result of writing to a connection.
enum Sent {
    case bytes(Int)
    case wouldBlock
    case broken
}

/// The socket calls of the server, on descriptors that the caller owns.
enum Socket {
    /// Opens a non-blocking listening socket for each of `addresses`; returns the sockets and the port, which
    /// all IP addresses share.
    ///
    /// For port 0, the system chooses a port for the first IP address. If this port is in use at a later
    /// address, the system chooses another port, up to `choices` times in all.
    static func listen(
        _ addresses: [String],
        port: UInt16
    ) throws(SystemFailure) -> (listeners: [Int32], port: UInt16) {
        for _ in 0..<Self.choices - 1 where port == 0 {
            do { return try listenOnce(addresses, port: port) } catch {
                guard error.code == EADDRINUSE else { throw error }
            }
        }
        return try listenOnce(addresses, port: port)
    }

    /// The largest number of attempts for port 0.
    private static let choices = 20

    private static func listenOnce(
        _ addresses: [String],
        port: UInt16
    ) throws(SystemFailure) -> (listeners: [Int32], port: UInt16) {
        var listeners: [Int32] = []
        var port = port
        for text in addresses {
            do {
                let listener = try listen(text, port)
                listeners.append(listener)
                if port == 0, let chosen = SocketAddress(of: listener) { port = chosen.port }
            } catch {
                for listener in listeners { close(listener) }
                throw error
            }
        }
        return (listeners, port)
    }

    private static func listen(_ text: String, _ port: UInt16) throws(SystemFailure) -> Int32 {
        guard let address = SocketAddress(text, port: port) else {
            throw SystemFailure(
                "listen on '\(text)', which is neither an address nor unix:PATH",
                code: EINVAL
            )
        }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw SystemFailure("open a socket for \(text)") }
        setFlag(descriptor, SOL_SOCKET, SO_REUSEADDR)
        if address.family == AF_INET6 { setFlag(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        guard address.bind(descriptor), Glibc.listen(descriptor, 4096) == 0 else {
            let failure = SystemFailure(
                "listen on \(text), port \(port) (choose another --port or --address)"
            )
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// Accepts the next connection, non-blocking and without Nagle's delay.
    ///
    /// Returns nil and sets `errno` if no connection waits or the call fails.
    static func accept(_ listener: Int32) -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        setFlag(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
        return descriptor
    }

    /// Reads once into the beginning of `buffer`.
    static func receive(_ descriptor: Int32, into buffer: inout [UInt8]) -> Received {
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EAGAIN { return .wouldBlock }
            if errno != EINTR { return .broken }
        }
    }

    /// Writes once from `bytes`, starting at `offset`, which must be less than `bytes.count`.
    static func send(_ descriptor: Int32, _ bytes: [UInt8], from offset: Int) -> Sent {
        while true {
            let count = unsafe bytes.withUnsafeBytes { raw in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: raw[offset...])
                return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return .bytes(count) }
            if errno == EAGAIN { return .wouldBlock }
            if errno != EINTR { return .broken }
        }
    }

    /// Tells the peer that no more bytes follow.
    static func endSending(_ descriptor: Int32) {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Makes the next `close` send a reset instead of a normal end (SO_LINGER 0, socket(7)).
    static func resetOnClose(_ descriptor: Int32) {
        var value = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, size)
    }

    private static func setFlag(_ descriptor: Int32, _ level: Int32, _ name: Int32) {
        var on: Int32 = 1
        _ = unsafe setsockopt(descriptor, level, name, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}
