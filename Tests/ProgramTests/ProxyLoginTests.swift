// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of proxies that need a user name and a password.
@Suite(.ownThread)
struct ProxyLoginTests {
    /// The password, without percent-encoding.
    private static let password = "s3cr3t:@/ %é"
    /// The user name and the password, as they are written in a URL.
    private static let login = "me:s3cr3t%3A%40%2F%20%25%C3%A9"
    /// The value of the header field that carries the user name and the password.
    private static let field = "Basic " + Data("me:\(password)".utf8).base64EncodedString()

    private let folder = TestFolder()

    /// The ways in which the processes that fetch are started.
    enum Way: CaseIterable, Sendable {
        /// `fetchpool-fetch` as a filter, without a coordinator.
        case filter
        /// Workers of a coordinator.
        case workers
        /// Workers of a child coordinator that `--hosts` starts.
        case machine
        /// Workers of a child coordinator that `--worker` starts.
        case coordinator
    }

    /// Starts a program that fetches through the proxy, with the URL of the proxy as the last argument.
    private func start(_ way: Way, _ arguments: [String], proxy: String) throws -> RunningProgram {
        let program = way == .filter ? "fetchpool-fetch" : "fetchpool"
        let options: [String]
        switch way {
        case .filter: options = []
        case .workers: options = ["-v", "-w", "1"]
        case .machine: options = ["-v", "--hosts", try folder.write("1 :\n", to: "machines")]
        case .coordinator:
            let command = "'\(BuiltPrograms.path("fetchpool"))' --supervised -w 1"
            options = ["-v", "-w", "1", "--worker", command]
        }
        return try RunningProgram(program, options + arguments + ["--proxy", proxy])
    }

    /// Returns an HTTP proxy that lets a request pass only if the request has the user name and the password.
    ///
    /// The proxy itself responds to requests for http URLs. It makes tunnels to the port `target`.
    private func httpProxy(leadingTo target: UInt16 = 0) throws -> ScriptedServer {
        try ScriptedServer { request, peer in
            guard request.values("proxy-authorization") == [Self.field] else {
                let field = #"Proxy-Authenticate: Basic realm="proxy""#
                return peer.respond("407 Proxy Authentication Required", field) ? .keep : .close
            }
            guard request.method == "CONNECT" else { return peer.respond() ? .keep : .close }
            peer.tunnel(to: target)
            return .close
        }
    }

    @Test(arguments: Way.allCases)
    func anHTTPProxyReceivesTheLoginAndTheServerBehindItDoesNot(way: Way) throws {
        let fixture = try TLSFixture()
        let proxy = try httpProxy(leadingTo: fixture.port(.good))
        let run = try start(
            way,
            ["--cacert", fixture.authority],
            proxy: "http://\(Self.login)@127.0.0.1:\(proxy.port)"
        )
        for path in ["get", "get?again"] { try run.send("http://nowhere.invalid/\(path)") }
        for path in ["get", "leaked-login"] { try run.send("\(fixture.base(.good))/\(path)") }
        let records = try run.finish().records
        #expect(records.outcomes == ["ok": 3, "http_error": 1], "\(records.map(\.errorMessage))")
        // The server responds with 407 to this path because it got no login.
        let refused = try #require(records.first { $0.url?.hasSuffix("/leaked-login") == true })
        #expect(refused.status == 407)
        #expect(refused.errorMessage == "the server responded with status 407")
        #expect(proxy.requests.allSatisfy { $0.values("proxy-authorization") == [Self.field] })
        #expect(proxy.requests.count { $0.method == "GET" } == 2)
    }

    @Test func aProxyOverTLSReceivesTheLogin() throws {
        let fixture = try TLSFixture()
        let proxy = fixture.base(.good).replacing("https://", with: "https://me:s@")
        let arguments = ["-q", "-w", "1", "--cacert", fixture.authority, "--proxy", proxy]
        let run = try RunningProgram.run("fetchpool", arguments + ["http://nowhere.invalid/proxy-login"])
        #expect(try run.records.outcomes == ["ok": 1], "\(run.output)")
    }

    @Test(arguments: Way.allCases)
    func aSocksServerReceivesTheLogin(way: Way) throws {
        let site = try SessionSite()
        let socks = try SocksServer(leadingTo: site.server.port, login: "me:\(Self.password)")
        let run = try start(way, [], proxy: "socks5h://\(Self.login)@127.0.0.1:\(socks.port)")
        let finished = try run.finish(Array("http://nowhere.invalid:81/cookies\n".utf8))
        #expect(try finished.records.outcomes == ["ok": 1], "\(finished.output)")
        #expect(socks.requests == ["nowhere.invalid:81"])
        #expect(site.server.requests.map { $0.values("proxy-authorization") } == [[]])
    }

    @Test(arguments: ["", "me:wrong@"])
    func aProxyThatRefusesAMissingOrWrongLoginIsNotAskedAgain(login: String) throws {
        let proxy = try httpProxy()
        let socks = try SocksServer(leadingTo: proxy.port, login: "me:\(Self.password)")
        let examples = [
            ("http://\(login)127.0.0.1:\(proxy.port)", "http", "http_error"),
            ("http://\(login)127.0.0.1:\(proxy.port)", "https", "fetch_error"),
            ("socks5h://\(login)127.0.0.1:\(socks.port)", "http", "fetch_error"),
        ]
        for (url, scheme, outcome) in examples {
            let arguments = ["-q", "-w", "1", "--proxy", url, "\(scheme)://nowhere.invalid/"]
            let record = try #require(RunningProgram.run("fetchpool", arguments).records.first)
            let message = "the proxy needs a user name and password, or refused those of --proxy"
            #expect(record.outcome == outcome && record.errorMessage.hasPrefix(message), "\(record)")
            #expect(record.failure?.isRetryable == false && !record.errorMessage.contains("wrong"))
        }
        #expect(proxy.requests.map(\.method) == ["GET", "CONNECT"])
        #expect(socks.requests.isEmpty)
    }

    @Test(arguments: Way.allCases)
    func thePasswordOfAProxyIsInNoCommandLineRecordOrMessage(way: Way) throws {
        let proxy = try httpProxy()
        let stats = folder.file("stats")
        let arguments = ["--headers"] + (way == .filter ? [] : ["--stats", stats])
        let run = try start(way, arguments, proxy: "http://\(Self.login)@127.0.0.1:\(proxy.port)")
        try run.send("http://nowhere.invalid/")
        let record = try run.line() ?? ""
        #expect(record.contains(#""outcome":"ok""#), "\(record)")
        let secrets = ["s3cr3t", String(Self.field.dropFirst("Basic ".count))]
        let processes = try ProcessWatch.descendants(of: run.pid) + [run.pid]
        #expect(processes.count >= (way == .filter ? 1 : 2))
        for pid in processes {
            let words = try String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
            for secret in secrets { #expect(!words.contains(secret), "\(words)") }
        }
        let finished = try run.finish()
        let written = way == .filter ? "" : try folder.read("stats")
        for secret in secrets {
            for text in [record, finished.output, finished.errors, written] {
                #expect(!text.contains(secret), "\(text)")
            }
        }
    }

    /// Other users of a machine can read command lines.
    @Test(arguments: [
        ["--proxy=http://me:s3cr3t@127.0.0.1:1"], ["--proxy", "me:s3cr3t@127.0.0.1:1"],
        ["--proxy", "socks5://me:s3cr3t@x@127.0.0.1:1"], ["http://me:s3cr3t@127.0.0.1:1/?a@b"],
        ["--proxy", "http://s3cr3t@127.0.0.1:1"], ["--proxy", "http://s3cr3t:@127.0.0.1:1"],
    ])
    func theProgramHidesPasswordsOfItsOwnCommandLine(words: [String]) throws {
        let run = try RunningProgram("fetchpool", ["-q", "-w", "1", "--input", "-"] + words)
        try run.send("data:,x")
        while let line = try run.line(), !line.contains("data:,x") {}
        let shown = try String(contentsOfFile: "/proc/\(run.pid)/cmdline", encoding: .utf8)
        #expect(!shown.contains("s3cr3t") && shown.contains("****"), "\(shown)")
        #expect(shown.contains("@127.0.0.1:1") && shown.hasSuffix("\0"), "\(shown)")
    }

    @Test(arguments: ["fetchpool", "fetchpool-fetch"])
    func aProxyAuthorizationFieldIsRefused(program: String) throws {
        let proxy = try httpProxy()
        let says = "write --proxy http://user:password@host:port"
        let option = ["-H", "Proxy-Authorization: \(Self.field)", "--proxy", proxy.base]
        let run = try RunningProgram.run(program, option, input: "data:,x")
        #expect(run.end == .status(2) && run.errors.contains(says), "\(run.errors)")
        let task = #"{"url":"http://nowhere.invalid/","headers":{"Proxy-Authorization":"\#(Self.field)"}}"#
        let record = try #require(
            RunningProgram.run(program, ["--proxy", proxy.base], input: task).records.first
        )
        #expect(record.outcome == "invalid" && record.errorMessage.contains(says), "\(record.errorMessage)")
        #expect(proxy.requests.isEmpty)
    }
}
