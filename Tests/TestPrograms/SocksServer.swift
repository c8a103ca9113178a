// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Synchronization

/// A SOCKS 5 proxy in the test's process (RFC 1928), without authentication; the proxy connects every client
/// to the same port of this machine.
///
/// Bounds of the unsafe code: buffers live for one call, which gets their size.
package final class SocksServer: Sendable {
    /// The port of 127.0.0.1 on which the proxy listens.
    package let port: UInt16
    private let listener: Int32
    private let log = Log()

    private final class Log: Sendable {
        let requests = Mutex<[String]>([])
    }

    /// The requested hosts and ports, in order, as `HOST:PORT`.
    ///
    /// An IPv6 address is written as 16 bytes in hexadecimal, with blanks between them and brackets around
    /// them.
    package var requests: [String] { log.requests.withLock { $0 } }

    /// Starts listening; the proxy connects its clients to the port `target` of 127.0.0.1.
    ///
    /// - Throws: `ProgramError` if no port is free.
    package init(leadingTo target: UInt16) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = Self.loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(listener, generic, size) == 0 && getsockname(listener, generic, &size) == 0
                    && listen(listener, 128) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard listens else { throw ProgramError(description: "no port is free (errno \(errno))") }
        Foundation.Thread.detachNewThread { [log] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                Foundation.Thread.detachNewThread { Self.serve(client, target, log) }
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func serve(_ client: Int32, _ target: UInt16, _ log: Log) {
        defer { close(client) }
        guard let greeting = Self.read(client, 2), greeting[0] == 5,
            Self.read(client, Int(greeting[1])) != nil,
            Self.write(client, [5, 0]), let request = Self.read(client, 4), request[1] == 1,
            let host = Self.host(client, request[3]), let port = Self.read(client, 2)
        else { return }
        log.requests.withLock { $0.append("\(host):\(Int(port[0]) << 8 | Int(port[1]))") }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(server) }
        var address = Self.loopback(target)
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard Self.write(client, [5, isConnected ? 0 : 5, 0, 1, 0, 0, 0, 0, 0, 0]), isConnected else {
            return
        }
        relay(client, server)
    }

    private static func host(_ client: Int32, _ kind: UInt8) -> String? {
        switch kind {
        case 1: read(client, 4)?.map(String.init).joined(separator: ".")
        case 3:
            read(client, 1).flatMap { read(client, Int($0[0])) }.map { String(decoding: $0, as: UTF8.self) }
        case 4: read(client, 16).map { "[\($0.map { String($0, radix: 16) }.joined(separator: " "))]" }
        default: nil
        }
    }

    /// Relays the bytes of both sides, until one side has closed.
    private static func relay(_ one: Int32, _ other: Int32) {
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            var entries = [one, other].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard unsafe poll(&entries, 2, -1) > 0 else { return }
            for (index, entry) in entries.enumerated() where entry.revents != 0 {
                let count = unsafe recv(entry.fd, &piece, piece.count, 0)
                guard count > 0, Self.write(index == 0 ? other : one, Array(piece[..<count])) else { return }
            }
        }
    }

    private static func read(_ descriptor: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = unsafe recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
        return received == count ? bytes : nil
    }

    private static func write(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
        unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
