// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of the time for which a peer may acknowledge nothing (TCP_USER_TIMEOUT of tcp(7)).
@Suite(.ownThread)
struct UnacknowledgedLimitTests {
    /// The limits of the TCP sockets of this process, in milliseconds.
    ///
    /// The property covers only the descriptors from 3 to 4,095.
    private var limits: [Int32] {
        (Int32(3)..<4_096).compactMap { descriptor in
            var limit: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            let status = unsafe getsockopt(
                descriptor,
                Int32(IPPROTO_TCP),
                TCP_USER_TIMEOUT,
                &limit,
                &size
            )
            return status == 0 ? limit : nil
        }
    }

    /// No other test uses a connect time-out of 61,234 ms.
    @Test func theLimitDoesNotShortenALongConnectTimeout() throws {
        let port = try LoopbackPort.unreachable()
        var settings = FetchSettings()
        settings.connectTimeout = .milliseconds(61_234)
        let client = try DrivenClient(settings)
        let task = try client.begin("http://127.0.0.1:\(port.number)/", #","timeout_s":5"#)
        #expect(client.turn { limits.contains(61_234) || client.results[task] != nil })
        #expect(client.results[task] == nil)
    }

    @Test func theLimitOfAReadyConnectionIsNotTheConnectTimeout() throws {
        let server = try FixtureServer()
        var settings = FetchSettings()
        settings.connectTimeout = .milliseconds(62_345)
        let client = try DrivenClient(settings)
        #expect(try client.fetch("\(server.base)/get")?.error == nil)
        #expect(connections(to: server.port) > 0 && !limits.contains(62_345))
    }
}
