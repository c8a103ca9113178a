// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Synchronization

/// The server's end of one connection of a `ScriptedServer`.
///
/// Only the connection's thread reads, sends and closes; other threads may call `hangUp`.
///
/// Bounds of the unsafe code: buffers live for one call, which gets their size.
package final class ScriptedPeer: Sendable {
    private let descriptor: Int32
    /// Bytes that were read and belong to the next request.
    private let rest = Mutex<[UInt8]>([])
    private let isOpen = Mutex(true)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Sends all of `text`; returns `false` if the connection takes no more bytes.
    ///
    /// The first call after the client closes the connection may still return `true`.
    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends all of `bytes`; returns `false` if the connection takes no more bytes.
    ///
    /// The first call after the client closes the connection may still return `true`.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[sent...])
                return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends a complete response with a `Content-Length`; returns `false` if the connection takes no more
    /// bytes.
    ///
    /// Each of `fields` is a line such as `Name: value`.
    @discardableResult
    package func respond(_ status: String = "200 OK", _ fields: String..., body: [UInt8] = []) -> Bool {
        let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + fields
        return send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }

    /// Responds to a CONNECT, and relays bytes between the client and the port `port` of 127.0.0.1.
    ///
    /// Returns once the client or the server at the port has closed its connection. If the port accepts no
    /// connection, the response has the status 502, and the function returns at once.
    package func tunnel(to port: UInt16) {
        guard let server = LoopbackTunnel.connect(to: port) else {
            respond("502 Bad Gateway")
            return
        }
        defer { close(server) }
        guard send("HTTP/1.1 200 Connection established\r\n\r\n") else { return }
        LoopbackTunnel.relay(descriptor, server)
    }

    /// Reads everything that the client sends until the client closes the connection, or the server ends.
    package func waitForEnd() {
        while let more = receive(), !more.isEmpty {}
    }

    /// Reads the next request with its body; `nil` if the connection ends or fails before the whole request.
    ///
    /// A request with an `Expect` field is read without its body, which the client sends later or never.
    func request(connection: Int, ordinal: Int) -> ScriptedRequest? {
        var bytes = rest.withLock { $0 }
        var head: Range<Int>?
        while head == nil {
            head = Self.headEnd(bytes)
            guard head == nil else { break }
            guard let more = receive(), !more.isEmpty else { return nil }
            bytes += more
        }
        guard let end = head else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].components(separatedBy: " ")
        let lengths = lines.compactMap { line -> Int? in
            guard line.lowercased().hasPrefix("content-length:") else { return nil }
            return Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces))
        }
        let isExpecting = lines.contains { $0.lowercased().hasPrefix("expect:") }
        let whole = end.upperBound + (isExpecting ? 0 : lengths.first ?? 0)
        while bytes.count < whole {
            guard let more = receive(), !more.isEmpty else { return nil }
            bytes += more
        }
        rest.withLock { $0 = Array(bytes[whole...]) }
        return ScriptedRequest(
            connection: connection,
            ordinal: ordinal,
            method: words[0],
            target: words.count > 1 ? words[1] : "",
            fields: Array(lines.dropFirst()),
            body: Array(bytes[end.upperBound..<whole])
        )
    }

    private static func headEnd(_ bytes: [UInt8]) -> Range<Int>? {
        let blank = Array("\r\n\r\n".utf8)
        guard bytes.count >= 4 else { return nil }
        for start in 0...bytes.count - 4 where Array(bytes[start..<start + 4]) == blank {
            return start..<start + 4
        }
        return nil
    }

    private func receive() -> [UInt8]? {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(descriptor, &piece, piece.count, 0)
        return count < 0 ? nil : Array(piece[..<count])
    }

    /// Makes `finish` reset the connection.
    func resetAtEnd() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Ends the connection from another thread.
    func hangUp() {
        isOpen.withLock { if $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    /// Closes the connection.
    func finish() {
        isOpen.withLock {
            $0 = false
            close(descriptor)
        }
    }
}
