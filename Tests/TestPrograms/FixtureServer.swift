// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestThreads

/// A fixture server that a test has started, on a port chosen by the system.
///
/// The server ends when the last reference to this object is released.
package final class FixtureServer {
    /// The server's counts of requests and connections since its start or the last `/reset-stats`.
    package struct Statistics: Decodable, Sendable {
        /// The number of requests that arrived completely, excluding those for `/stats`, `/log` and
        /// `/reset-stats`.
        package let requests: Int
        /// The number of accepted connections, including those for `/stats`, `/log` and `/reset-stats`.
        package let connections: Int
        /// The number of requests for each path with its query; only for the first 100,000 of these paths.
        package let byPath: [String: Int]
        /// The number of requests for a path and query that `byPath` contained before.
        package let repeated: Int

        private enum CodingKeys: String, CodingKey {
            case requests, connections, repeated
            case byPath = "by_path"
        }
    }

    /// True if the server can listen on the address `::1` of this system.
    package static let hasIPv6 = OwnThread.forCondition { (try? FixtureServer(addresses: ["::1"])) != nil }

    /// The URL of the server's first address, without a slash at its end.
    package var base: String { base(addresses[0]) }
    /// The port of the server, the same at each of its addresses.
    package let port: UInt16
    private let addresses: [String]
    private let namespace: NetworkNamespace?
    private let program: RunningProgram

    /// Starts the server that was built together with the tests.
    ///
    /// The server listens on all of `addresses`, in `namespace` if one is given, and delays each response by
    /// `latency` milliseconds. The server also serves the files of the folder `files`, if one is given.
    ///
    /// - Throws: `ProgramError` if the server does not start.
    package init(
        addresses: [String] = ["127.0.0.1"],
        latency: Int = 0,
        files: String? = nil,
        in namespace: NetworkNamespace? = nil
    ) throws {
        (self.addresses, self.namespace) = (addresses, namespace)
        var arguments = ["--latency", String(latency)] + addresses.flatMap { ["--address", $0] }
        if let files { arguments += ["--files", files] }
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

    /// Returns the URL of the server at one of its addresses or host names, without a slash at its end.
    package func base(_ address: String) -> String {
        "http://\(address.contains(":") ? "[\(address)]" : address):\(port)"
    }

    /// Closes the server's standard input and returns the way in which the server ended.
    ///
    /// - Throws: `ProgramError` if the server does not end.
    package func end() throws -> RunningProgram.End {
        program.endInput()
        return try program.waitForEnd()
    }

    /// Returns the counts since the server's start, or since the last `/reset-stats`.
    ///
    /// - Throws: `ProgramError` if the server does not respond; a decoding error if the response is not as
    ///   expected.
    package func statistics() throws -> Statistics {
        try JSONDecoder().decode(Statistics.self, from: Data(body("/stats").utf8))
    }

    /// Returns the requests since the server's start, or since the last `/reset-stats`, in order of arrival;
    /// only the last 100,000 if there are more.
    ///
    /// - Throws: `ProgramError` if the server does not respond; a decoding error if the response is not as
    ///   expected.
    package func log() throws -> [LoggedRequest] {
        try body("/log").split(separator: "\n").map {
            try JSONDecoder().decode(LoggedRequest.self, from: Data($0.utf8))
        }
    }

    /// Returns the response to a GET of `path` on a new connection; `nil` if `exchange` returns `nil`.
    package func get(_ path: String) -> String? {
        exchange("GET \(path) HTTP/1.1\r\nHost: fixture\r\nConnection: close\r\n\r\n")
    }

    /// Sends `bytes` on a new connection and returns the text received until the server closes the
    /// connection.
    ///
    /// Returns `nil` if the connection fails or is reset, or if the server is silent for a minute.
    package func exchange(_ bytes: String) -> String? {
        guard let connection = connect(), connection.send(bytes) else { return nil }
        return connection.receive()
    }

    /// Creates a connection to the server's first address, or to its local socket if the server is in a
    /// namespace; `nil` on failure.
    package func connect() -> RawConnection? {
        if let namespace { return RawConnection(path: namespace.path("server")) }
        return RawConnection(addresses[0], port: port)
    }

    private func body(_ path: String) throws -> Substring {
        guard let response = get(path), let head = response.range(of: "\r\n\r\n") else {
            throw ProgramError(description: "the fixture server sent no header for \(path)")
        }
        return response[head.upperBound...]
    }
}
