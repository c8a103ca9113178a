// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Synchronization

/// An HTTP server in the test's process, whose responses come from a function of the test (the script).
///
/// The server ends when the last reference to this object is released. Each connection has its own thread, on
/// which the script may wait.
package final class ScriptedServer: Sendable {
    /// The action after a response.
    package enum Next: Sendable {
        /// Reads the next request on this connection.
        case keep
        /// Closes the connection normally.
        case close
        /// Resets the connection.
        case reset
    }

    /// A function that responds to one request.
    package typealias Script = @Sendable (ScriptedRequest, ScriptedPeer) -> Next

    /// The server's port on 127.0.0.1.
    package let port: UInt16
    private let listener: Int32
    private let log = Mutex<[ScriptedRequest]>([])
    private let peers = Mutex<[Int: ScriptedPeer]>([:])

    /// The URL of the server, without a slash at its end.
    package var base: String { "http://127.0.0.1:\(port)" }
    /// The requests so far, in order of arrival.
    package var requests: [ScriptedRequest] { log.withLock { $0 } }
    /// The number of connections so far.
    package var connections: Int { accepted.load(ordering: .relaxed) }
    private let accepted = Atomic<Int>(0)

    /// Starts listening.
    ///
    /// - Throws: `ProgramError` if no port is free.
    package init(_ script: @escaping Script) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The address stays valid during the calls, and each call gets its size.
        let listens = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(listener, generic, size) == 0 && getsockname(listener, generic, &size) == 0
                    && listen(listener, 128) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard listens else { throw ProgramError(description: "no port is free (errno \(errno))") }
        Foundation.Thread.detachNewThread { [weak self] in
            while let descriptor = Self.accept(listener) { self?.serve(descriptor, script) }
            // Only this thread closes the listening socket. So no other file gets the number of the socket
            // while the thread waits for connections.
            close(listener)
        }
    }

    deinit {
        // Wakes the thread that waits for connections, and the threads that wait for requests.
        shutdown(listener, Int32(SHUT_RDWR))
        peers.withLock { for peer in $0.values { peer.hangUp() } }
    }

    private static func accept(_ listener: Int32) -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    private func serve(_ descriptor: Int32, _ script: @escaping Script) {
        let number = accepted.add(1, ordering: .relaxed).newValue
        let peer = ScriptedPeer(descriptor)
        peers.withLock { $0[number] = peer }
        Foundation.Thread.detachNewThread { [weak self] in
            var ordinal = 0
            while let request = peer.request(connection: number, ordinal: ordinal) {
                ordinal += 1
                self?.log.withLock { $0.append(request) }
                let next = script(request, peer)
                if next == .keep { continue }
                if next == .reset { peer.resetAtEnd() }
                break
            }
            _ = self?.peers.withLock { $0.removeValue(forKey: number) }
            peer.finish()
        }
    }
}

/// A request as seen by a `ScriptedServer`.
package struct ScriptedRequest: Sendable {
    /// The number of the connection, from 1.
    package let connection: Int
    /// The number of earlier requests on the connection.
    package let ordinal: Int
    /// The method, such as `GET`.
    package let method: String
    /// The target, as received.
    package let target: String
    /// The lines of the header fields, as received.
    package let fields: [String]
    /// The body; empty if the request has no `Content-Length`, or has an `Expect` field.
    package let body: [UInt8]

    /// Returns the values of all fields called `name`, which must be in lower case.
    package func values(_ name: String) -> [String] {
        fields.filter { $0.lowercased().hasPrefix("\(name):") }.map {
            $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
        }
    }
}
