// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A port of 127.0.0.1 that the system chose: kept for a program that cannot have one chosen, or listened on in silence.
package final class LoopbackPort {
    /// The port.
    package let number: UInt16
    private let descriptor: Int32
    /// Those that fill the queue of connections, where it is to be full.
    private var queued: [Int32] = []

    /// Keeps a port.
    ///
    /// As long as this lives the system gives it to nobody who asks for any port; a program that asks for this one, and
    /// allows its address to be used again (SO_REUSEADDR, socket(7)), gets it.
    ///
    /// - Throws: `ProgramError` if there is none.
    package convenience init() throws {
        try self.init(0, host: 1)
    }

    /// Keeps a port of 127.0.0.`host`, any one for 0.
    private init(_ wanted: UInt16, host: UInt8) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        var on: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = Self.address(wanted, host: host)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The address lives for the calls and is as large as they are told.
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

    /// A port whose connections are made, and then nothing is ever said on them: as a server does that stands still.
    ///
    /// - Throws: `ProgramError` if there is none.
    package static func silent() throws -> LoopbackPort {
        let port = try LoopbackPort()
        // Nobody has to take connections from the queue for their clients to be connected (listen(2)).
        guard listen(port.descriptor, 128) == 0 else {
            throw ProgramError(description: "port \(port.number) cannot be listened on (errno \(errno))")
        }
        return port
    }

    /// A port on which connections are not even made: as if no packet ever arrived.
    ///
    /// It is any port of 127.0.0.1, or the one wanted of 127.0.0.`host`.
    ///
    /// - Throws: `ProgramError` if there is none.
    package static func unreachable(_ wanted: UInt16 = 0, host: UInt8 = 1) throws -> LoopbackPort {
        let port = try LoopbackPort(wanted, host: host)
        guard listen(port.descriptor, 0) == 0 else {
            throw ProgramError(description: "port \(port.number) cannot be listened on (errno \(errno))")
        }
        // Once the queue is full the kernel drops what asks to join it. It holds one more than it was told; the second is
        // for a kernel that counts otherwise, and may be left asking.
        for _ in 0..<2 { port.queued.append(Self.connect(to: port.number, host: host)) }
        return port
    }

    /// A connection that is made or being made.
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
