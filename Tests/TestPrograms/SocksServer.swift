// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Synchronization

/// A SOCKS 5 proxy (RFC 1928) that runs in the test's process.
///
/// The proxy connects every client to one port of this machine, whatever host and port the client asks for.
/// The proxy can require a user name and a password (RFC 1929).
///
/// The unsafe code uses each pointer only inside its closure or during its call, and tells each C function
/// the size of the memory.
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
    /// If `login` is given, as `user:password`, the proxy refuses all clients without this login.
    ///
    /// - Throws: `ProgramError` if no port is free.
    package init(leadingTo target: UInt16, login: String? = nil) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = LoopbackTunnel.address(0)
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
                Foundation.Thread.detachNewThread { Self.serve(client, target, login, log) }
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func serve(_ client: Int32, _ target: UInt16, _ login: String?, _ log: Log) {
        defer { close(client) }
        guard let greeting = read(client, 2), greeting[0] == 5, let methods = read(client, Int(greeting[1])),
            admits(client, methods, login), let request = read(client, 4), request[1] == 1,
            let host = host(client, request[3]), let port = read(client, 2)
        else { return }
        log.requests.withLock { $0.append("\(host):\(Int(port[0]) << 8 | Int(port[1]))") }
        let server = LoopbackTunnel.connect(to: target)
        defer { if let server { close(server) } }
        let isSent = LoopbackTunnel.write(client, [5, server == nil ? 5 : 0, 0, 1, 0, 0, 0, 0, 0, 0])
        guard let server, isSent else { return }
        LoopbackTunnel.relay(client, server)
    }

    /// Chooses the method of authentication, and checks a login; returns `false` if the client is refused.
    private static func admits(_ client: Int32, _ methods: [UInt8], _ login: String?) -> Bool {
        guard let login else { return LoopbackTunnel.write(client, [5, 0]) }
        guard methods.contains(2) else {
            _ = LoopbackTunnel.write(client, [5, 0xFF])
            return false
        }
        guard LoopbackTunnel.write(client, [5, 2]), let head = read(client, 2), head[0] == 1,
            let user = read(client, Int(head[1])), let count = read(client, 1),
            let password = read(client, Int(count[0]))
        else { return false }
        let isKnown = user + Array(":".utf8) + password == Array(login.utf8)
        return LoopbackTunnel.write(client, [1, isKnown ? 0 : 1]) && isKnown
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

    private static func read(_ descriptor: Int32, _ count: Int) -> [UInt8]? {
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        let received = unsafe recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
        return received == count ? bytes : nil
    }
}
