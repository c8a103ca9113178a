// SPDX-License-Identifier: MIT
// fetchpool

package import Foundation

/// A server in a child process, usually the program `fixture-server`.
///
/// The server ends when its standard input ends, at the latest when this process ends.
package final class FixtureServer {
    /// The address that the server printed, such as `http://127.0.0.1:8080`.
    ///
    /// The address of a DNS server has no scheme.
    package let address: String
    private let process = Process()
    private let input = Pipe()

    /// Starts the server, which then waits `latencyMilliseconds` before each response.
    ///
    /// `program` is the path of `fixture-server`.
    ///
    /// - Throws: `FixtureError` if the program is missing or prints no address; an error of Foundation if no
    ///   process can be started, or if the program's output cannot be read.
    package convenience init(program: String, latencyMilliseconds: Int) throws {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw FixtureError("the program '\(program)' is missing; build all targets")
        }
        try self.init(program: program, arguments: ["--latency", String(latencyMilliseconds)])
    }

    /// Starts a server with a command, and waits until the server has printed its address.
    ///
    /// `program` is a path, or a name to find in `PATH`. The address is the last word of the first line that
    /// the command prints.
    ///
    /// - Throws: `FixtureError` if `program` is missing or prints no address; an error of Foundation if no
    ///   process can be started, or if the program's output cannot be read.
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

    /// The counts of requests since the last reset; without a reset, since the server's start.
    ///
    /// Requests for the counts, for the log, and for a reset are not counted.
    package struct Statistics: Decodable {
        /// The number of all requests.
        package let requests: Int
        /// The number of requests whose target had been requested before.
        ///
        /// Repeated requests are counted only for the first 100,000 targets.
        package let repeated: Int
    }

    /// Resets the counts and the log.
    ///
    /// - Throws: The errors of `get`.
    package func resetStatistics() throws {
        _ = try get("/reset-stats")
    }

    /// Returns the counts since the last reset.
    ///
    /// - Throws: The errors of `get`; `DecodingError` for a response without the counts.
    package func statistics() throws -> Statistics {
        try JSONDecoder().decode(Statistics.self, from: get("/stats"))
    }

    /// Returns the time at which the first request since the last reset arrived, in seconds of the monotonic
    /// clock.
    ///
    /// After more than 100,000 requests, the result is the time of the oldest of the last 100,000.
    ///
    /// - Throws: `FixtureError` if there was no request; the errors of `get`; `DecodingError` for a log
    ///   without times.
    package func firstArrival() throws -> Double {
        struct Entry: Decodable {
            let arrived_ms: Double
        }
        guard let line = try get("/log").split(separator: UInt8(ascii: "\n")).first else {
            throw FixtureError("the fixture server received no request")
        }
        return try JSONDecoder().decode(Entry.self, from: line).arrived_ms / 1_000
    }

    /// Closes the server's standard input, so that the server ends; does not wait for the end.
    package func end() {
        try? input.fileHandleForWriting.close()
    }

    /// Sends a GET request on a new connection and returns the body of the response.
    ///
    /// - Throws: `FixtureError` if no connection can be made or the response has no header; an error of
    ///   Foundation if sending or reading fails.
    package func get(_ path: String) throws -> Data {
        let port = UInt16(address.split(separator: ":").last ?? "") ?? 0
        let response = try LoopbackRequest(port: port, path: path).send()
        guard let body = response.range(of: Data("\r\n\r\n".utf8)) else {
            throw FixtureError("the fixture server sent no header for \(path)")
        }
        return response[body.upperBound...]
    }
}
