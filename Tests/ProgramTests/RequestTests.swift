// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms
import TestThreads
import Testing

/// Tests of the requests that servers receive, and of the records of their responses.
@Suite(.ownThread)
struct RequestTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    private func task(_ url: String, _ more: String) -> String { #"{"url":"\#(url)",\#(more)}"# }

    /// Returns the header fields of the request that `/echo` received, by lower-case name.
    private func echoedFields(_ record: Record) throws -> [String: String] {
        let echo = try #require(record.result["value"] as? [String: Any], "\(record.errorMessage)")
        let fields = try #require(echo["headers"] as? [[String]])
        return Dictionary(uniqueKeysWithValues: fields.map { ($0[0].lowercased(), $0[1]) })
    }

    @Test func postArrivesOnceAlthoughConnectionsCloseOnReuse() throws {
        let url = server.base + "/close-after-reuse"
        // With one request at a time on one worker, no connection is busy, so an open connection can be
        // reused.
        let running = try RunningProgram("fetchpool", ["-q", "-w", "1", "-c", "1"])
        for number in 1...20 {
            let isPost = number.isMultiple(of: 2)
            try running.send(isPost ? task(url, #""method":"POST","body":"x""#) : url)
            #expect(try running.record()?.outcome == "ok")
        }
        #expect(try running.finish().end == .status(0))
        let log = try server.log()
        let posts = log.filter { $0.method == "POST" }
        #expect(posts.count == 10)
        #expect(Set(posts.map(\.connection)).count == 10)
        // Some GET requests were sent on reused connections that the server then closed; otherwise this test
        // would show nothing.
        #expect(log.count { $0.method == "GET" } > 10)
        #expect(log.contains { $0.status == nil })
    }

    @Test(arguments: [(302, "GET", ""), (303, "GET", ""), (307, "POST", "x"), (308, "POST", "x")])
    func redirectKeepsTheMethodIfRequired(status: Int, method: String, body: String) throws {
        let url = "\(server.base)/redirect-to?status=\(status)&url=/echo"
        let line = task(url, #""method":"POST","body":"x""#)
        let record = try #require(
            RunningProgram.run("fetchpool", ["-q", "-p", "json"], input: line).records.first
        )
        let echo = try #require(record.result["value"] as? [String: Any])
        #expect(echo["method"] as? String == method)
        #expect(echo["body"] as? String == body)
        #expect(try server.log().map(\.method) == ["POST", method])
    }

    @Test(arguments: ["Authorization", "Cookie"])
    func credentialsStayWithTheirOrigin(name: String) throws {
        let other = try FixtureServer()
        let targets = ["/echo", "\(server.base("localhost"))/echo", "\(other.base)/echo"]
        let input = targets.map {
            task("\(server.base)/redirect-to?url=\($0)", #""headers":{"\#(name)":"secret"}"#)
        }
        let finished = try RunningProgram.run(
            "fetchpool",
            ["-q", "-p", "json"],
            input: input.joined(separator: "\n")
        )
        let records = try finished.records.sorted { $0.id < $1.id }
        try #require(records.outcomes == ["ok": 3])
        let sent = try records.map { try echoedFields($0)[name.lowercased()] }
        #expect(sent == ["secret", nil, nil])
    }

    /// The test also runs with a processor, which has no body to process.
    @Test(arguments: [[], ["-p", "json"]])
    func responseToHEADHasNoBody(arguments: [String]) throws {
        let paths = ["/bytes/5000", "/gzip", "/redirect/1", "/status/404"]
        let input = paths.map { task(server.base + $0, #""method":"HEAD""#) }.joined(separator: "\n")
        let finished = try RunningProgram.run("fetchpool", ["-q"] + arguments, input: input)
        let records = try finished.records.sorted { $0.id < $1.id }
        #expect(records.map(\.status) == [200, 200, 200, 404])
        #expect(records.outcomes == ["ok": 3, "http_error": 1])
        #expect(records.map(\.bodyBytes) == [0, 0, 0, 0])
        #expect(try server.log().allSatisfy { $0.method == "HEAD" })
    }

    @Test(.enabled(if: FixtureServer.hasIPv6, "this system has no ::1"))
    func urlWithAnIPv6AddressIsFetched() throws {
        let server = try FixtureServer(addresses: ["::1"])
        let urls = ["\(server.base)/get", "http://[0:0:0:0:0:0:0:1]:\(server.port)/redirect/1"]
        let finished = try RunningProgram.run("fetchpool", ["-q"], input: urls.joined(separator: "\n"))
        let records = try finished.records
        #expect(records.outcomes == ["ok": 2])
        #expect(records.map(\.remoteIP) == ["::1", "::1"])
        #expect(
            try server.log().allSatisfy { $0.host.hasPrefix("[") && $0.host.hasSuffix("]:\(server.port)") }
        )
    }

    @Test func overlongResponseDoesNotChangeTheNextResponse() throws {
        let urls = ["/length-lies/smaller", "/get", "/length-lies/smaller", "/get"].map { server.base + $0 }
        let arguments = ["-q", "-w", "1", "-c", "1"]
        let finished = try RunningProgram.run("fetchpool", arguments, input: urls.joined(separator: "\n"))
        let records = try finished.records.sorted { $0.id < $1.id }
        #expect(records.map(\.status) == [200, 200, 200, 200])
        #expect(records.map(\.bodyBytes) == [100, 111, 100, 111])
    }
}
