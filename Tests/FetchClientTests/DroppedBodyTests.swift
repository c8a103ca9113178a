// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests bodies that libcurl drops silently, which count towards the limit too.
@Suite(.ownThread)
struct DroppedBodyTests {
    @Test(arguments: ["Content-Length: 9000000000000\r\n", "Transfer-Encoding: chunked\r\n"])
    func endlessBodyOfARedirectIsTooLarge(framing: String) throws {
        let server = try ScriptedServer { request, peer in
            guard request.target == "/" else {
                peer.respond()
                return .keep
            }
            peer.send("HTTP/1.1 302 Found\r\nLocation: /next\r\n\(framing)\r\n")
            var piece = [UInt8](repeating: 0x2E, count: 1 << 16)
            if framing.hasPrefix("T") { piece = Array("10000\r\n".utf8) + piece + Array("\r\n".utf8) }
            while peer.send(piece) {}
            return .close
        }
        var settings = FetchSettings()
        settings.maxBodyBytes = 1 << 20
        let results = try server.fetch([#"{"url":"BASE/"}"#, #"{"url":"BASE/fine"}"#], settings)
        #expect(results[0].error?.errorClass == .tooLarge, "\(results[0].error?.message ?? "")")
        // libcurl may read a hundred buffers before it calls back.
        #expect(results[0].wireBytes < 40 << 20)
        #expect(results[1].error == nil)
    }

    @Test func largeBodyOfARedirectIsReadAndForgotten() throws {
        let server = try ScriptedServer { request, peer in
            let body = [UInt8](repeating: 0x2E, count: 500_000)
            if request.target == "/" {
                peer.respond("302 Found", "Location: /next", body: body)
            } else {
                peer.respond()
            }
            return .keep
        }
        var settings = FetchSettings()
        settings.maxBodyBytes = 1 << 20
        let result = try server.fetch(#"{"url":"BASE/"}"#, settings)
        #expect((result.status, result.redirects, result.bodyBytes) == (200, 1, 0))
        #expect(server.connections == 1)
    }
}
