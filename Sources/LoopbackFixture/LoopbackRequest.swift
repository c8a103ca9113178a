// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc

/// A GET request to a port of this machine.
///
/// Bounds of the unsafe code: connect(2), bind(2) and getsockname(2) get a valid socket address and its size.
package struct LoopbackRequest {
    let port: UInt16
    let path: String

    /// Sends the request, reads until the server closes the connection, and returns all bytes of the
    /// response.
    ///
    /// - Throws: `FixtureError` if no connection can be made; an error of Foundation if sending or reading
    ///   fails.
    func send() throws -> Data {
        let descriptor = Self.socket()
        defer { close(descriptor) }
        var address = Self.address(port)
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw FixtureError("no server listens on port \(port)") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        try handle.write(
            contentsOf: Data("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
        )
        return try handle.readToEnd() ?? Data()
    }

    /// Returns a port that is free at the moment.
    ///
    /// - Throws: `FixtureError` if no port is free, or no socket can be created.
    package static func freePort() throws(FixtureError) -> UInt16 {
        let descriptor = socket()
        defer { close(descriptor) }
        var address = address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, size) == 0 && getsockname(descriptor, generic, &size) == 0
            }
        }
        guard isBound else { throw FixtureError("no port is free (errno \(errno))") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func socket() -> Int32 {
        Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
