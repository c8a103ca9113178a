// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// The loopback server of the demo; it ends with the demo, since its standard input does.
final class FixtureServer {
    /// `http://127.0.0.1:PORT`.
    let address: String
    private let process = Process()
    private let input = Pipe()

    /// Starts the server, whose every answer takes `latencyMilliseconds`.
    ///
    /// - Throws: `DemoError` if it does not come up.
    init(program: String, latencyMilliseconds: Int) throws {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw DemoError("the program '\(program)' is missing; build fetchpool whole")
        }
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--latency", String(latencyMilliseconds)]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty,
            byte != Data("\n".utf8)
        {
            line += byte
        }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard let last = words.last, last.hasPrefix("http://") else {
            throw DemoError("the fixture server did not say where it listens")
        }
        address = String(last)
    }

    /// The server's own count of what it was asked.
    struct Statistics: Decodable {
        let requests: Int
        let repeated: Int
    }

    /// Forgets what was counted.
    func resetStatistics() throws {
        _ = try get("/reset-stats")
    }

    /// What was counted since.
    func statistics() throws -> Statistics {
        try JSONDecoder().decode(Statistics.self, from: get("/stats"))
    }

    /// Ends the server.
    func end() {
        try? input.fileHandleForWriting.close()
    }

    /// One small request over a socket of its own, so that the demo measures no client but fetchpool's.
    private func get(_ path: String) throws -> Data {
        let port = UInt16(address.split(separator: ":").last ?? "") ?? 0
        let answer = try LoopbackRequest(port: port, path: path).send()
        guard let body = answer.range(of: Data("\r\n\r\n".utf8)) else {
            throw DemoError("the fixture server did not answer \(path)")
        }
        return answer[body.upperBound...]
    }
}
