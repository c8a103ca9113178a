// SPDX-License-Identifier: MIT
// fetchpool

import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests the program fixture-server, mostly over raw connections.
@Suite(.ownThread)
struct FixtureServerTests {
    private let server: FixtureServer

    init() throws { server = try FixtureServer() }

    @Test func endOfStandardInputEndsTheServer() throws {
        #expect(try server.end() == .status(0))
    }

    @Test func pipelinedRequestsGetResponsesInOrder() throws {
        let first = "GET /status/201 HTTP/1.1\r\n\r\n"
        let second = "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
        let third = "HEAD /get HTTP/1.1\r\nConnection: close\r\n\r\n"
        let response = try #require(server.exchange(first + second + third))
        let statuses = response.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
        #expect(statuses == ["201", "200", "200"])
        #expect(response.contains(#""body":"abc"}"#))
        #expect(response.contains("Content-Length: 111\r\n"))
        #expect(response.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: [
        "blah", "\u{16}\u{3}\u{1}", "GET / FTP/1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
    ])
    func garbageIsRefused(_ bytes: String) throws {
        #expect(try #require(server.exchange(bytes)).hasPrefix("HTTP/1.1 400 "))
    }

    @Test func statsCountRepeatsButNotTheirOwnRequests() throws {
        for path in ["/get", "/get?a", "/stats", "/get"] { _ = server.get(path) }
        let stats = try #require(server.get("/stats"))
        #expect(stats.contains(#""by_path":{"/get":2,"/get?a":1},"repeated":1}"#))
        #expect(stats.contains(#"{"requests":3,"connections":5,"#))
    }

    @Test func logHoldsTimesAndContentsOfRequests() throws {
        let before = LoggedRequest.now()
        let connection = try #require(server.connect())
        #expect(connection.send("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n"))
        let one = "GET /delay/20?x HTTP/1.1\r\nHost: b\r\n\r\n"
        let last = "GET http://a/retry-after/7 HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n"
        _ = try #require(server.exchange(one + last))
        let log = try server.log()
        #expect(log.map(\.target) == ["/hang", "/delay/20?x", "http://a/retry-after/7"])
        #expect(log.map(\.host) == ["a", "b", "a"])
        #expect(log.map(\.inFlight) == [1, 1, 2])
        #expect(log.map(\.connection) == [1, 2, 2])
        #expect(log.map(\.status) == [nil, 200, 429])
        #expect(log.map(\.retryAfter) == [nil, nil, "7"])
        #expect(log[0].answeredMS == nil && log[0].endedMS == nil)
        let times = [before, log[0].arrivedMS, log[1].arrivedMS] + [try #require(log[1].answeredMS)]
        #expect(times == times.sorted())
        #expect(times[3] - times[2] >= 20)
        #expect(try #require(log[1].endedMS) <= log[2].arrivedMS)
        #expect(try #require(log[2].endedMS) <= LoggedRequest.now())
    }

    @Test func clearedLogStillCountsRequestsInFlight() throws {
        let connection = try #require(server.connect())
        #expect(connection.send("GET /hang HTTP/1.1\r\nHost: fixture\r\n\r\n"))
        for path in ["/get", "/reset-stats", "/get?after"] { _ = server.get(path) }
        #expect(try server.log().map(\.target) == ["/get?after"])
        #expect(try server.log().map(\.inFlight) == [2])
    }

    @Test func eachAddressIsServedOnTheSamePort() throws {
        let server = try FixtureServer(addresses: ["127.0.0.1", "127.0.0.2", "127.0.0.3"], latency: 1)
        for address in ["127.0.0.1", "127.0.0.2", "127.0.0.3"] {
            let connection = try #require(RawConnection(address, port: server.port))
            #expect(connection.send("GET /get HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"))
            #expect(connection.receive()?.hasPrefix("HTTP/1.1 200 ") == true)
        }
        #expect(try server.log().map(\.host) == ["127.0.0.1", "127.0.0.2", "127.0.0.3"])
        #expect(RawConnection("127.0.0.4", port: server.port) == nil)
    }

    @Test(.enabled(if: FixtureServer.hasIPv6, "this system has no ::1"))
    func serverListensOnIPv6() throws {
        let server = try FixtureServer(addresses: ["::1"])
        #expect(server.base == "http://[::1]:\(server.port)")
        #expect(server.get("/get")?.hasPrefix("HTTP/1.1 200 ") == true)
    }

    @Test(.enabled(if: NetworkNamespace.refusal == nil, "\(NetworkNamespace.refusal ?? "")"))
    func serverInANamespaceIsVisibleOnlyThere() throws {
        let network = try NetworkNamespace()
        let server = try FixtureServer(addresses: [NetworkNamespace.publicAddress, "127.0.0.1"], in: network)
        let url = server.base + "/get"
        #expect(url.hasPrefix("http://11.0.0.1:"))
        let script = """
            import sys, urllib.request
            for url in sys.argv[1:]: print(urllib.request.urlopen(url).status)
            """
        let inside = try network.run(
            "/usr/bin/python3",
            ["-c", script, url, server.base("127.0.0.1") + "/get"]
        )
        #expect(inside.output == "200\n200\n", "\(inside.errors)")
        #expect(RawConnection("127.0.0.1", port: server.port) == nil)
        #expect(try server.statistics().requests == 2)
    }

    @Test func filesOfTheFolderAreServedAsHTML() throws {
        let folder = TestFolder()
        try folder.write("<p>page", to: "1.html")
        let server = try FixtureServer(files: folder.path)
        let response = try #require(server.get("/files/1.html?7"))
        #expect(response.hasPrefix("HTTP/1.1 200 "))
        #expect(response.contains("Content-Type: text/html\r\n"))
        #expect(response.hasSuffix("\r\n\r\n<p>page"))
    }

    @Test(arguments: [
        "", "/", "/2.html", "/../secret", "/..%2Fsecret", "/a/../../secret", "/.", "/folder",
        "/folder%2F3.html",
    ])
    func onlyFilesDirectlyInTheFolderAreServed(_ path: String) throws {
        let outer = TestFolder()
        for name in ["secret", "files/1.html", "files/folder/3.html"] { try outer.write("<p>", to: name) }
        let request = "GET /files\(path) HTTP/1.1\r\nConnection: close\r\n\r\n"
        for server in [try FixtureServer(files: outer.file("files")), server] {
            #expect(try #require(server.exchange(request)).hasPrefix("HTTP/1.1 404 "))
        }
    }

    @Test(arguments: [1, 2, 999, 123_456])
    func pagesHaveAboutFiftyKilobytesAndAreTheSameEachTime(_ number: Int) throws {
        let page = try #require(server.get("/page/\(number)"))
        #expect((49_000...52_000).contains(page.utf8.count))
        #expect(page.split(separator: "<a href=").count == 61)
        #expect(server.get("/page/\(number)") == page)
    }
}
