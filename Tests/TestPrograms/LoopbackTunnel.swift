// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Functions for a proxy that runs in the test's process and connects clients to ports of this machine.
///
/// Bounds of the unsafe code: addresses and buffers live for one call, which gets their size.
enum LoopbackTunnel {
    /// Returns the address of a port of 127.0.0.1.
    static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// Connects to a port of 127.0.0.1; returns `nil` if that is not possible.
    ///
    /// The caller closes the socket.
    static func connect(to port: UInt16) -> Int32? {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = address(port)
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isConnected { return server }
        close(server)
        return nil
    }

    /// Relays bytes in both directions until one side has closed its connection.
    static func relay(_ one: Int32, _ other: Int32) {
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            var entries = [one, other].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard unsafe poll(&entries, 2, -1) > 0 else { return }
            for (index, entry) in entries.enumerated() where entry.revents != 0 {
                let count = unsafe recv(entry.fd, &piece, piece.count, 0)
                guard count > 0, write(index == 0 ? other : one, Array(piece[..<count])) else { return }
            }
        }
    }

    /// Sends all bytes; returns `false` if the connection takes no more bytes.
    static func write(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
        unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
