// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import TestPrograms
import Testing

@testable import FetchClient

/// A client whose loop the test runs; so the test can begin a task while other tasks are running.
final class DrivenClient {
    let client: FetchClient
    /// The results so far, by task number.
    private(set) var results: [Int: FetchResult] = [:]
    private var next = 0

    init(_ settings: FetchSettings, guards: ClientGuards = ClientGuards()) throws {
        client = try FetchClient(settings, userAgent: "tests", guards: guards)
    }

    /// Begins to fetch a URL and returns the task's number.
    ///
    /// `more` is inserted before the closing brace of the task object; an example is `,"method":"POST"`.
    func begin(_ url: String, _ more: String = "") throws -> Int {
        defer { next += 1 }
        let object = Array(#"{"url":"\#(url)"\#(more)}"#.utf8)
        client.begin(try FetchTask(reading: object.span), token: next)
        return next
    }

    /// Runs the loop until a condition is true; returns false if that takes more than two minutes.
    func turn(until condition: () -> Bool) -> Bool {
        let begun = ContinuousClock.now
        while !condition() {
            guard ContinuousClock.now - begun < .seconds(120) else { return false }
            var entry = pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0)
            let timeout = client.settle()
            // A condition can become true without an event, so a wait takes at most 100 ms.
            unsafe _ = poll(&entry, 1, timeout < 0 ? 100 : min(timeout, 100))
            client.advance()
            while let result = client.takeFinished() { results[result.token] = result }
        }
        return true
    }

    /// Runs the loop until a task has a result; returns `nil` if that takes more than two minutes.
    func result(of task: Int) -> FetchResult? {
        turn { results[task] != nil } ? results[task] : nil
    }

    /// Fetches a URL; returns `nil` if that takes more than two minutes.
    func fetch(_ url: String) throws -> FetchResult? {
        result(of: try begin(url))
    }
}

/// Starts a server in Python, and calls `body` with a client that trusts the server and with the server's
/// port.
///
/// The arguments of `script` are the paths of a certificate and of its key, and then `arguments`. The server
/// prints its port. `change` can change the client's settings and guards.
func withTLSServer(
    _ script: String,
    _ arguments: [String] = [],
    _ change: (inout FetchSettings, inout ClientGuards) -> Void = { _, _ in },
    _ body: (DrivenClient, UInt16) throws -> Void
) throws {
    let fixture = try TLSFixture()
    let files = fixture.files(.good)
    let words = ["python3", "-c", script, files.certificate, files.key] + arguments
    let server = try RunningProgram("/usr/bin/env", words)
    defer { server.signal(SIGKILL) }
    let port = try #require(UInt16(try server.line() ?? ""))
    var (settings, guards) = (FetchSettings(), ClientGuards())
    (settings.certificateFile, settings.concurrency) = (fixture.authority, 16)
    change(&settings, &guards)
    try body(try DrivenClient(settings, guards: guards), port)
}

/// Returns the number of open IPv4 connections of this process to a port at any address.
///
/// The function checks only the descriptors from 3 to 4,095.
func connections(to port: UInt16) -> Int {
    var count = 0
    for descriptor in Int32(3)..<4_096 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The address is valid during the call, and the call gets its size.
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getpeername(descriptor, $0, &size)
            }
        }
        if status == 0, address.sin_family == AF_INET, UInt16(bigEndian: address.sin_port) == port {
            count += 1
        }
    }
    return count
}
