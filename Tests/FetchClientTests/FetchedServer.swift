// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import TestPrograms

@testable import FetchClient

/// A server from which tests fetch.
protocol FetchedServer {
    /// The URL of the server, without a slash at its end.
    var base: String { get }
}

extension FixtureServer: FetchedServer {}
extension ScriptedServer: FetchedServer {}

extension FetchedServer {
    /// Fetches tasks in JSON; returns the results in the order of the tasks.
    ///
    /// In the tasks, `BASE` stands for the URL in `base`.
    func fetch(
        _ tasks: [String],
        _ settings: FetchSettings = FetchSettings(),
        guards: ClientGuards = ClientGuards(),
        areRetries: Bool = false
    ) throws -> [FetchResult] {
        let client = try FetchClient(settings, userAgent: "tests", guards: guards)
        var results: [FetchResult] = []
        var next = 0
        while results.count < tasks.count {
            while next < tasks.count, client.inFlight < settings.concurrency {
                let object = Array(tasks[next].replacingOccurrences(of: "BASE", with: base).utf8)
                client.begin(try FetchTask(reading: object.span), token: next, isRetry: areRetries)
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

    /// Fetches one task in JSON; returns its result.
    ///
    /// In the task, `BASE` stands for the URL in `base`.
    func fetch(
        _ task: String,
        _ settings: FetchSettings = FetchSettings(),
        guards: ClientGuards = ClientGuards()
    ) throws -> FetchResult {
        try fetch([task], settings, guards: guards)[0]
    }
}
