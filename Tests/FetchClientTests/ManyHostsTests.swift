// SPDX-License-Identifier: MIT
// fetchpool

import Dispatch
import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests with more hosts than one multi handle of libcurl serves.
///
/// In the names of the tests, a renewal is the creation of the next multi handle (`MultiLoop.renew`).
@Suite(.ownThread)
struct ManyHostsTests {
    /// A gate: in a response to `/slow`, the server waits until the test opens the gate, but at most two
    /// minutes.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)

        func wait() { _ = semaphore.wait(timeout: .now() + 120) }
        func open() { for _ in 0..<100 { semaphore.signal() } }
    }

    private func server(_ gate: Gate) throws -> ScriptedServer {
        try ScriptedServer { request, peer in
            if request.target == "/slow" {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsl")
                gate.wait()
                peer.send("ow!")
            } else {
                peer.respond(body: Array(request.target.utf8))
            }
            return .keep
        }
    }

    private func guards(perHandle: Int) -> ClientGuards {
        var guards = ClientGuards()
        guards.hostsPerHandle = perHandle
        guards.lookUp = { _ in .loopback }
        return guards
    }

    @Test func transfersInFlightSurviveTheRenewalOfTheirHandle() throws {
        let gate = Gate()
        let server = try server(gate)
        var settings = FetchSettings()
        (settings.wantsResponses, settings.privateAddresses) = (true, .allow)
        // These settings keep the client from ending slow responses on a slow machine.
        settings.endsSlowResponses = false
        settings.timeout = .seconds(120)
        let driven = try DrivenClient(settings, guards: guards(perHandle: 20))
        let slow = try (0..<3).map { try driven.begin("http://h\($0 * 20).test:\(server.port)/slow") }
        for host in 0..<300 {
            let result = try #require(try driven.fetch("http://h\(host).test:\(server.port)/\(host)"))
            #expect(result.error == nil && result.body == Array("/\(host)".utf8))
        }
        // The handle with the three slow transfers and the newest two handles remain.
        #expect(driven.client.loop.count == 3)
        #expect(slow.allSatisfy { driven.results[$0] == nil })
        // The idle connections of a retired handle are closed, even while the handle exists.
        #expect(driven.turn { connections(to: server.port) <= 43 })
        gate.open()
        for task in slow {
            let result = try #require(driven.result(of: task))
            #expect(result.error == nil && result.body == Array("slow!".utf8))
        }
        #expect(driven.client.loop.count == 2)
        #expect(connections(to: server.port) <= 40)
    }

    @Test func aHostKeepsItsConnectionAfterARenewal() throws {
        let server = try server(Gate())
        let driven = try DrivenClient(FetchSettings(), guards: guards(perHandle: 20))
        for host in 0..<30 { _ = try driven.fetch("http://h\(host).test:\(server.port)/") }
        #expect(server.connections == 30)
        #expect(driven.client.loop.count == 2)
        for host in 0..<30 { _ = try driven.fetch("http://h\(host).test:\(server.port)/") }
        #expect(server.connections == 30)
    }

    @Test func theTargetsOfRedirectsCountAsHosts() throws {
        let target = try server(Gate())
        let server = try ScriptedServer { request, peer in
            let host = "h\(request.target.dropFirst()).localhost"
            peer.respond("302 Found", "Location: http://\(host):\(target.port)/")
            return .keep
        }
        let driven = try DrivenClient(FetchSettings(), guards: guards(perHandle: 20))
        for host in 0..<100 {
            #expect(try driven.fetch("\(server.base)/\(host)")?.error == nil)
        }
        #expect(target.connections == 100)
        #expect(driven.client.loop.count == 2)
        #expect(connections(to: target.port) <= 40)
    }
}
