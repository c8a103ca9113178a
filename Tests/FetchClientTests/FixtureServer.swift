// SPDX-License-Identifier: MIT
// fetchpool

import FetchClient
import FetchModel
import Foundation
import Glibc

/// A fixture server that was started by a test; closing its standard input ends it.
final class FixtureServer {
    private let process = Process()
    private let input = Pipe()
    /// The server's address, without a slash at its end.
    let base: String

    /// Starts the server that was built beside the tests.
    init() throws {
        let output = Pipe()
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("fixture-server")
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // The one line comes in one write.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        base = String(line.dropFirst("listening on ".count).dropLast())
    }

    deinit {
        try? input.fileHandleForWriting.close()
        // It also breaks the cycle in which a `Process` that ran keeps its pipes alive.
        process.waitUntilExit()
    }

    /// Fetches tasks given as JSON, in which `BASE` stands for the server's address; results in the order of tasks.
    func fetch(_ tasks: [String], _ settings: FetchSettings = FetchSettings()) throws -> [FetchResult] {
        let client = try FetchClient(settings, userAgent: "tests")
        var results: [FetchResult] = []
        var next = 0
        while results.count < tasks.count {
            while next < tasks.count, client.inFlight < settings.concurrency {
                let object = Array(tasks[next].replacingOccurrences(of: "BASE", with: base).utf8)
                client.begin(try FetchTask(reading: object.span), token: next)
                next += 1
            }
            var entry = pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0)
            let timeout = client.settle()
            unsafe _ = poll(&entry, 1, timeout)
            client.advance()
            while let result = client.takeFinished() { results.append(result) }
        }
        return results.sorted { $0.token < $1.token }
    }

    /// Fetches one task.
    func fetch(_ task: String, _ settings: FetchSettings = FetchSettings()) throws -> FetchResult {
        try fetch([task], settings)[0]
    }
}
