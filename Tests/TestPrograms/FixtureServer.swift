// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc

/// A fixture server that was started by a test, on a port that the system chose; it ends with the reference to it.
package final class FixtureServer {
    /// What the server was asked for, as it counts itself.
    package struct Statistics: Decodable, Sendable {
        package let requests: Int
        package let connections: Int
        /// Requests by path.
        package let byPath: [String: Int]
        /// Requests whose path had been seen before.
        package let repeated: Int

        private enum CodingKeys: String, CodingKey {
            case requests, connections, repeated
            case byPath = "by_path"
        }
    }

    /// The server's address, without a slash at its end.
    package let base: String
    private let port: UInt16
    private let program: RunningProgram

    /// Starts the server that was built beside the tests.
    ///
    /// - Throws: `ProgramError` if it does not come up.
    package init() throws {
        program = try RunningProgram("fixture-server")
        let line = try program.line() ?? ""
        guard line.hasPrefix("listening on http://127.0.0.1:"),
            let port = line.split(separator: ":").last.flatMap({ UInt16($0) })
        else { throw ProgramError(description: "the fixture server named no port, but said '\(line)'") }
        self.port = port
        base = "http://127.0.0.1:\(port)"
    }

    /// Closes the server's standard input and answers how it ended.
    ///
    /// - Throws: `ProgramError` if it goes on.
    package func end() throws -> RunningProgram.End {
        program.endInput()
        return try program.waitForEnd()
    }

    /// What was asked for so far.
    ///
    /// - Throws: `ProgramError` if the server does not answer; an error of decoding if it answers something else.
    package func statistics() throws -> Statistics {
        guard let answer = get("/stats"), let body = answer.range(of: "\r\n\r\n") else {
            throw ProgramError(description: "the fixture server does not answer /stats")
        }
        return try JSONDecoder().decode(Statistics.self, from: Data(answer[body.upperBound...].utf8))
    }

    /// The answer to a GET of `path` on a connection of its own.
    package func get(_ path: String) -> String? {
        exchange("GET \(path) HTTP/1.1\r\nHost: fixture\r\nConnection: close\r\n\r\n")
    }

    /// Sends `bytes` on a new connection and returns all that comes back; nil after a reset, and where the server is
    /// silent for 20 s.
    package func exchange(_ bytes: String) -> String? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var bound = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &bound, socklen_t(MemoryLayout<timeval>.size))
        guard connect(descriptor) else { return nil }
        let request = Array(bytes.utf8)
        guard unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return nil
        }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &piece, piece.count, 0)
            if count < 0 { return nil }
            if count == 0 { return String(decoding: answer, as: UTF8.self) }
            answer += piece[..<count]
        }
    }

    private func connect(_ descriptor: Int32) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // The address lives for the call and is as large as it says.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe Glibc.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
