// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A connection over which a test can send any text.
///
/// Bounds of the unsafe code: addresses and buffers live for one call, which gets their size.
@safe package final class RawConnection {
    /// The time for which `receive` waits for each next byte, in seconds.
    private static let patienceSeconds = 60

    private let descriptor: Int32

    /// Connects to an IPv4 or IPv6 address; `nil` on failure.
    package convenience init?(_ address: String, port: UInt16) {
        if address.utf8.contains(UInt8(ascii: ":")) {
            var target = sockaddr_in6()
            target.sin6_family = sa_family_t(AF_INET6)
            target.sin6_port = port.bigEndian
            guard unsafe inet_pton(AF_INET6, address, &target.sin6_addr) == 1 else { return nil }
            self.init(AF_INET6, target)
        } else {
            var target = sockaddr_in()
            target.sin_family = sa_family_t(AF_INET)
            target.sin_port = port.bigEndian
            guard unsafe inet_pton(AF_INET, address, &target.sin_addr) == 1 else { return nil }
            self.init(AF_INET, target)
        }
    }

    /// Connects to a local socket (unix(7)), which can be reached from any network namespace; `nil` on
    /// failure.
    package convenience init?(path: String) {
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: target.sun_path) else { return nil }
        unsafe withUnsafeMutableBytes(of: &target.sun_path) { unsafe $0.copyBytes(from: bytes) }
        self.init(AF_UNIX, target)
    }

    private init?<Address>(_ family: Int32, _ address: Address) {
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var bound = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &bound, size)
        let isConnected = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(descriptor, generic, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        }
        guard isConnected else { return nil }
    }

    deinit { close(descriptor) }

    /// Sends all of `text`; returns `false` if the connection takes no more bytes.
    ///
    /// The first call after the server closes the connection may still return `true`.
    package func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Returns the text received until `isEnough` returns true for this text, or until the server closes the
    /// connection.
    ///
    /// Returns `nil` after a reset, or if the server is silent for a minute.
    package func receive(until isEnough: (String) -> Bool = { _ in false }) -> String? {
        var received: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &piece, piece.count, 0)
            if count < 0 { return nil }
            received += piece[..<count]
            let text = String(decoding: received, as: UTF8.self)
            if count == 0 || isEnough(text) { return text }
        }
    }
}
