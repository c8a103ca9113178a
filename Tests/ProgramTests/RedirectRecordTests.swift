// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms
import TestThreads
import Testing

/// Tests of the redirects in the records that the programs write.
@Suite(.ownThread)
struct RedirectRecordTests {
    /// A server on which `/N` redirects to `/N-1` for each N above 0, and `/0` is a page with a link.
    ///
    /// `/fails` redirects to `/reset`. After a request for `/reset`, the server resets the connection.
    private let server: ScriptedServer

    init() throws {
        server = try ScriptedServer { request, peer in
            let number = Int(request.target.dropFirst()) ?? 0
            switch request.target {
            case "/fails": peer.respond("301 Moved", "Location: /reset")
            case "/reset": return .reset
            case _ where number > 0: peer.respond("302 Found", "Location: /\(number - 1)#part")
            default:
                peer.respond("200 OK", "Content-Type: text/html", body: Array("<a href=x>x</a>".utf8))
            }
            return .keep
        }
    }

    private var chain: [String] { ["302 \(server.base)/2", "302 \(server.base)/1"] }

    private func record(_ program: String, _ arguments: [String], _ path: String = "/2") throws -> Record {
        let finished = try RunningProgram.run(program, arguments, input: server.base + path)
        return try #require(finished.records.first, "\(finished.errors)")
    }

    private static let below = "'\(BuiltPrograms.path("fetchpool"))' --supervised -w 1"

    @Test(arguments: [
        ("fetchpool", ["-q", "-w", "1"]), ("fetchpool-fetch", []),
        ("fetchpool", ["-q", "-w", "1", "-p", "links"]),
        ("fetchpool", ["-q", "-w", "1", "--worker", below]),
        ("fetchpool", ["-q", "-w", "1", "--worker", below + " -p links"]),
    ])
    func chainIsTheSameForEachProgram(program: String, arguments: [String]) throws {
        let record = try record(program, arguments)
        #expect(record.outcome == "ok", "\(record.errorMessage)")
        #expect(record.redirects == 2 && record.redirectChain == chain)
        #expect(record.finalURL == "\(server.base)/0")
        if arguments.contains(where: { $0.hasSuffix("links") }) {
            #expect(record.result["links"] as? [String] == ["\(server.base)/x"])
        }
    }

    @Test func limitOfZeroMakesTheRedirectTheResponse() throws {
        let record = try record("fetchpool", ["-q", "-w", "1", "--max-redirects", "0"])
        #expect((record.outcome, record.status, record.redirects) == ("ok", 302, 0))
        #expect(record.redirectChain == [])
    }

    @Test func errorAtTheLimitNamesTheFollowedRedirects() throws {
        let record = try record("fetchpool", ["-q", "-w", "1", "--max-redirects", "1"])
        #expect(record.failure == Failure("fetch_error", "redirects", isRetryable: false))
        #expect(record.redirectChain == ["302 \(server.base)/2"] && record.finalURL == "\(server.base)/1")
    }

    @Test func retryBeginsWithTheFirstURL() throws {
        let arguments = ["-q", "-w", "1", "--retries", "1"]
        let record = try record("fetchpool", arguments, "/fails")
        #expect(record.failure == Failure("fetch_error", "reset", isRetryable: true))
        #expect(record.attempt == 2 && record.redirectChain == ["301 \(server.base)/fails"])
        #expect(server.requests.map(\.target).filter { $0 == "/fails" }.count == 2)
    }

    @Test(arguments: ["\r\n", "<html>moved</html>"])
    func bytesAfterARedirectCauseARetry(late: String) throws {
        // On the connection of the redirect, the bytes arrive after the request for `/to` was sent, and
        // before its response.
        let server = try ScriptedServer { request, peer in
            if request.target == "/from" {
                peer.respond("302 Found", "Location: /to")
            } else {
                if request.ordinal > 0 { peer.send(late) }
                peer.respond()
            }
            return .keep
        }
        let finished = try RunningProgram.run("fetchpool", ["-q", "-w", "1"], input: server.base + "/from")
        let record = try #require(finished.records.first)
        #expect(record.outcome == "ok", "\(record.errorMessage)")
        #expect(record.attempt == 2 && record.redirects == 1)
    }

    @Test func passwordOfALocationIsInNoRecord() throws {
        let password = "sesame"
        let server = try ScriptedServer { request, peer in
            let port = request.values("host").first?.split(separator: ":").last ?? ""
            if request.target == "/" {
                peer.respond("302 Found", "Location: http://me:\(password)@localhost:\(port)/one")
            } else if request.target == "/one" {
                peer.respond("302 Found", "Location: /two")
            } else {
                peer.respond("302 Found", "Location: http://me:\(password)@[nowhere]/")
            }
            return .keep
        }
        let finished = try RunningProgram.run("fetchpool", ["-v", "-w", "1"], input: server.base + "/")
        #expect(!finished.output.contains(password) && !finished.errors.contains(password))
        let basic = "Basic bWU6c2VzYW1l"
        #expect(server.requests.map { $0.values("authorization") } == [[], [basic], [basic]])
        #expect(try finished.records.first?.redirectChain.count == 2)
    }
}
