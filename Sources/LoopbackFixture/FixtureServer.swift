// SPDX-License-Identifier: MIT
// fetchpool

package import Foundation

/// The loopback server that behaves as asked; it ends with this process, since its standard input does.
package final class FixtureServer {
    /// `http://127.0.0.1:PORT`.
    package let address: String
    private let process = Process()
    private let input = Pipe()

    /// Starts the server, whose every answer takes `latencyMilliseconds`.
    ///
    /// - Throws: `FixtureError` if it does not come up.
    package convenience init(program: String, latencyMilliseconds: Int) throws {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw FixtureError("the program '\(program)' is missing; build fetchpool whole")
        }
        try self.init(program: program, arguments: ["--latency", String(latencyMilliseconds)])
    }

    /// Starts the server by a command of the caller's: a path, or a name to look for in `PATH`, and its arguments.
    ///
    /// - Throws: `FixtureError` if it does not come up.
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
            throw FixtureError("the fixture server did not say where it listens")
        }
        address = String(last)
    }

    /// The server's own count of what it was asked.
    package struct Statistics: Decodable {
        /// All of them.
        package let requests: Int
        /// Those whose path had been seen before.
        package let repeated: Int
    }

    /// Forgets what was counted.
    package func resetStatistics() throws {
        _ = try get("/reset-stats")
    }

    /// What was counted since.
    package func statistics() throws -> Statistics {
        try JSONDecoder().decode(Statistics.self, from: get("/stats"))
    }

    /// When the first request since then had come in whole, in seconds on the monotonic clock.
    package func firstArrival() throws -> Double {
        struct Entry: Decodable {
            let arrived_ms: Double
        }
        guard let line = try get("/log").split(separator: UInt8(ascii: "\n")).first else {
            throw FixtureError("nothing was asked of the fixture server")
        }
        return try JSONDecoder().decode(Entry.self, from: line).arrived_ms / 1_000
    }

    /// Ends the server.
    package func end() {
        try? input.fileHandleForWriting.close()
    }

    /// One small request over a socket of its own, so that nobody measures a client but fetchpool's.
    package func get(_ path: String) throws -> Data {
        let port = UInt16(address.split(separator: ":").last ?? "") ?? 0
        let answer = try LoopbackRequest(port: port, path: path).send()
        guard let body = answer.range(of: Data("\r\n\r\n".utf8)) else {
            throw FixtureError("the fixture server did not answer \(path)")
        }
        return answer[body.upperBound...]
    }
}
