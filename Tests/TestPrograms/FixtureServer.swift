// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestThreads

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

    /// Whether this system has `::1`, on which the server can listen too.
    package static let hasIPv6 = OwnThread.forCondition { (try? FixtureServer(addresses: ["::1"])) != nil }

    /// The server's first address, without a slash at its end.
    package var base: String { base(addresses[0]) }
    /// The port on which it listens, at each of its addresses.
    package let port: UInt16
    private let addresses: [String]
    private let namespace: NetworkNamespace?
    private let program: RunningProgram

    /// Starts the server that was built beside the tests.
    ///
    /// It listens on all of `addresses`, in `namespace` where one is given, and delays each answer by `latency`
    /// milliseconds.
    ///
    /// - Throws: `ProgramError` if it does not come up.
    package init(
        addresses: [String] = ["127.0.0.1"],
        latency: Int = 0,
        in namespace: NetworkNamespace? = nil
    ) throws {
        (self.addresses, self.namespace) = (addresses, namespace)
        var arguments = ["--latency", String(latency)] + addresses.flatMap { ["--address", $0] }
        if let namespace {
            arguments += ["--address", "unix:\(namespace.path("server"))"]
            program = try namespace.start("fixture-server", arguments)
        } else {
            program = try RunningProgram("fixture-server", arguments)
        }
        let line = try program.line() ?? ""
        guard line.hasPrefix("listening on http://"),
            let port = line.split(separator: ":").last.flatMap({ UInt16($0) })
        else { throw ProgramError(description: "the fixture server named no port, but said '\(line)'") }
        self.port = port
    }

    /// One of the server's addresses, or a name for one, as the beginning of URLs.
    package func base(_ address: String) -> String {
        "http://\(address.contains(":") ? "[\(address)]" : address):\(port)"
    }

    /// Closes the server's standard input and returns how it ended.
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
        try JSONDecoder().decode(Statistics.self, from: Data(body("/stats").utf8))
    }

    /// The requests so far, in the order of their arrival; at most 100,000.
    ///
    /// - Throws: `ProgramError` if the server does not answer; an error of decoding if it answers something else.
    package func log() throws -> [LoggedRequest] {
        try body("/log").split(separator: "\n").map {
            try JSONDecoder().decode(LoggedRequest.self, from: Data($0.utf8))
        }
    }

    /// The answer to a GET of `path` on a connection of its own.
    package func get(_ path: String) -> String? {
        exchange("GET \(path) HTTP/1.1\r\nHost: fixture\r\nConnection: close\r\n\r\n")
    }

    /// Sends `bytes` on a new connection and returns all that comes back; nil after a reset, and where the server is
    /// silent for a minute.
    package func exchange(_ bytes: String) -> String? {
        guard let connection = connect(), connection.send(bytes) else { return nil }
        return connection.receive()
    }

    /// A new connection to the server: to its first address, or to its local socket where it is in a namespace.
    package func connect() -> RawConnection? {
        if let namespace { return RawConnection(path: namespace.path("server")) }
        return RawConnection(addresses[0], port: port)
    }

    private func body(_ path: String) throws -> Substring {
        guard let answer = get(path), let head = answer.range(of: "\r\n\r\n") else {
            throw ProgramError(description: "the fixture server does not answer \(path)")
        }
        return answer[head.upperBound...]
    }
}
