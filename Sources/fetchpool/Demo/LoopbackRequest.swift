// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc

/// One GET to a port of this machine, answered whole.
struct LoopbackRequest {
    let port: UInt16
    let path: String

    /// Sends the request and reads until the server closes.
    ///
    /// - Throws: `DemoError` if there is no such server.
    func send() throws -> Data {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // The address lives for the call and is as large as it says.
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw DemoError("the fixture server is gone") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        try handle.write(
            contentsOf: Data("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
        )
        return try handle.readToEnd() ?? Data()
    }
}
