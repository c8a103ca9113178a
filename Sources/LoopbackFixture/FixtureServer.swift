// SPDX-License-Identifier: MIT
// fetchpool

package import Foundation

/// A fixture server in a child process.
///
/// The server ends when its standard input ends, at the latest when this process ends.
package final class FixtureServer {
    /// The address of the server: `http://127.0.0.1:PORT`.
    package let address: String
    private let process = Process()
    private let input = Pipe()

    /// Starts the server, which then waits `latencyMilliseconds` before each response.
    ///
    /// - Throws: `FixtureError` if the server does not start.
    package convenience init(program: String, latencyMilliseconds: Int) throws {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw FixtureError("the program '\(program)' is missing; build all targets")
        }
        try self.init(program: program, arguments: ["--latency", String(latencyMilliseconds)])
    }

    /// Starts a server from another command.
    ///
    /// `program` is a path, or a name to find in `PATH`.
    ///
    /// - Throws: `FixtureError` if the server does not start.
    package init(program: String, arguments: [String]) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty,
            byte != Data("\n".utf8)
        {
            line += byte
        }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard let last = words.last, last.contains(":") else {
            throw FixtureError("the fixture server printed no address")
        }
        address = String(last)
    }

    /// The server's counts of requests.
    package struct Statistics: Decodable {
        /// The number of all requests.
        package let requests: Int
        /// The number of requests whose target had been requested before.
        package let repeated: Int
    }

    /// Resets the counts and the log.
    package func resetStatistics() throws {
        _ = try get("/reset-stats")
    }

    /// Returns the counts since the last reset.
    package func statistics() throws -> Statistics {
        try JSONDecoder().decode(Statistics.self, from: get("/stats"))
    }

    /// Returns the time at which the first request since the last reset arrived, in seconds of the monotonic
    /// clock.
    ///
    /// - Throws: `FixtureError` if there was no request.
    package func firstArrival() throws -> Double {
        struct Entry: Decodable {
            let arrived_ms: Double
        }
        guard let line = try get("/log").split(separator: UInt8(ascii: "\n")).first else {
            throw FixtureError("the fixture server received no request")
        }
        return try JSONDecoder().decode(Entry.self, from: line).arrived_ms / 1_000
    }

    /// Ends the server.
    package func end() {
        try? input.fileHandleForWriting.close()
    }

    /// Sends a GET request on a new connection and returns the body of the response.
    ///
    /// - Throws: `FixtureError` if no server listens or its response has no header.
    package func get(_ path: String) throws -> Data {
        let port = UInt16(address.split(separator: ":").last ?? "") ?? 0
        let answer = try LoopbackRequest(port: port, path: path).send()
        guard let body = answer.range(of: Data("\r\n\r\n".utf8)) else {
            throw FixtureError("the fixture server sent no header for \(path)")
        }
        return answer[body.upperBound...]
    }
}
