// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of a client whose loop pauses for longer than the time-out.
@Suite(.ownThread)
struct StandstillTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    /// Runs a task to its end, with a time-out of three seconds; returns the result.
    ///
    /// After the server has received the request, the function pauses for four seconds.
    private func result(of path: String) throws -> FetchResult {
        let client = try FetchClient(FetchSettings(), userAgent: "tests")
        let object = Array(#"{"url":"\#(server.base)\#(path)","timeout_s":3}"#.utf8)
        client.begin(try FetchTask(reading: object.span), token: 0)
        var isAway = false
        while true {
            var entry = pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0)
            let timeout = client.settle()
            unsafe _ = poll(&entry, 1, timeout)
            client.advance()
            if let result = client.takeFinished() { return result }
            guard !isAway, try server.log().contains(where: { $0.target == path }) else { continue }
            isAway = true
            // The pause is the subject of this test, so there is no event to wait for.
            poll(nil, 0, 4_000)
        }
    }

    @Test func aResponseThatArrivedDuringThePauseIsAccepted() throws {
        let result = try result(of: "/delay/500")
        #expect(result.error == nil, "\(result.error?.message ?? "")")
        #expect(result.status == 200)
        #expect(result.timing.total ?? 0 > 3_900_000)
    }

    @Test func aTimeOutIsExtendedByThePause() throws {
        let result = try result(of: "/hang")
        #expect(result.error?.errorClass == .timeoutTotal)
        #expect((6_900_000..<30_000_000).contains(result.timing.total ?? 0))
    }
}
