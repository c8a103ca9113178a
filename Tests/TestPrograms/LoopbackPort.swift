// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc

/// A port of this machine that is reserved for a program, or that listens and never responds.
package final class LoopbackPort {
    /// The number of the port.
    package let number: UInt16
    private let descriptor: Int32
    /// The connections that fill the queue of an unreachable port.
    private var queued: [Int32] = []

    /// Reserves a free port of 127.0.0.1.
    ///
    /// While this object lives, a program that lets the system choose a port does not get this port. A
    /// program that asks for this port gets it if the program sets SO_REUSEADDR (socket(7)).
    ///
    /// - Throws: `ProgramError` if no port is free.
    package convenience init() throws {
        try self.init(0, host: 1)
    }

    /// Reserves the port `wanted` of 127.0.0.`host`; if `wanted` is 0, any free port.
    private init(_ wanted: UInt16, host: UInt8) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        var on: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = Self.address(wanted, host: host)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The address stays valid during the calls, and each call gets its size.
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, size) == 0 && getsockname(descriptor, generic, &size) == 0
            }
        }
        number = UInt16(bigEndian: address.sin_port)
        guard isBound else { throw ProgramError(description: "no port is free (errno \(errno))") }
    }

    deinit {
        for descriptor in queued + [descriptor] { close(descriptor) }
    }

    /// Returns a port that accepts connections and then sends nothing, like a server that hangs.
    ///
    /// - Throws: `ProgramError` if no port is free, or the port cannot be listened on.
    package static func silent() throws -> LoopbackPort {
        let port = try LoopbackPort()
        // The kernel connects clients until the queue is full, even if no program accepts the connections
        // (listen(2)).
        guard listen(port.descriptor, 128) == 0 else {
            throw ProgramError(description: "port \(port.number) cannot be listened on (errno \(errno))")
        }
        return port
    }

    /// Returns a port that accepts no connection, as if no packet arrived.
    ///
    /// The port is `wanted` of 127.0.0.`host`; by default, any free port of 127.0.0.1.
    ///
    /// - Throws: `ProgramError` if the port cannot be reserved or listened on.
    package static func unreachable(_ wanted: UInt16 = 0, host: UInt8 = 1) throws -> LoopbackPort {
        let port = try LoopbackPort(wanted, host: host)
        guard listen(port.descriptor, 0) == 0 else {
            throw ProgramError(description: "port \(port.number) cannot be listened on (errno \(errno))")
        }
        // The kernel drops connection requests while the queue is full. The queue holds one connection more
        // than the number that `listen` gets. The second connection is for a kernel that counts differently;
        // on other kernels, this connection may never be established.
        for _ in 0..<2 { port.queued.append(Self.connect(to: port.number, host: host)) }
        return port
    }

    /// Returns a port that responds to the first request, closes the connection at the second request, and
    /// is unreachable from then on.
    ///
    /// - Throws: `ProgramError` if no port is free, or the port cannot be listened on.
    package static func unreachableAfterAResponse() throws -> LoopbackPort {
        let port = try LoopbackPort()
        let (listener, number) = (port.descriptor, port.number)
        guard listen(listener, 0) == 0 else {
            throw ProgramError(description: "port \(number) cannot be listened on (errno \(errno))")
        }
        Foundation.Thread.detachNewThread {
            let peer = ScriptedPeer(accept(listener, nil, nil))
            // These connections fill the queue. They are never closed here, because the thread ends before
            // the test does.
            for _ in 0..<2 { _ = connect(to: number, host: 1) }
            if peer.request(connection: 1, ordinal: 0) != nil, peer.respond() {
                _ = peer.request(connection: 1, ordinal: 1)
            }
            peer.finish()
        }
        return port
    }

    /// Returns the descriptor of a connection that is established or being established.
    private static func connect(to port: UInt16, host: UInt8) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        let address = address(port, host: host)
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe _ = Glibc.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return descriptor
    }

    private static func address(_ port: UInt16, host: UInt8) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (UInt32(0x7F00_0000) | UInt32(host)).bigEndian
        return address
    }
}
