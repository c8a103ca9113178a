// SPDX-License-Identifier: MIT
// fetchpool

import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of requests through a proxy, and of environment variables and netrc files that must have no effect.
///
/// In most tests, the fixture server is the proxy. As a proxy, it responds itself to a request for any host,
/// and makes no tunnel.
@Suite(.ownThread)
struct ProxyTests {
    private let server: FixtureServer
    private let folder: TestFolder

    init() throws {
        server = try FixtureServer()
        folder = TestFolder()
    }

    @Test(arguments: [("fetchpool", "http://127.0.0.1:PORT"), ("fetchpool-fetch", "127.0.0.1:PORT")])
    func requestsGoThroughTheProxyWhichResolvesNames(program: String, proxy: String) throws {
        let proxy = proxy.replacing("PORT", with: "\(server.port)")
        let finished = try RunningProgram.run(
            program,
            ["--proxy", proxy],
            input: "http://nowhere.invalid/get\nhttp://127.0.0.1:1/get\n"
        )
        #expect(try finished.records.outcomes == ["ok": 2])
        #expect(
            try server.log().map(\.target).sorted() == [
                "http://127.0.0.1:1/get", "http://nowhere.invalid/get",
            ]
        )
        let notice = "--private-addresses is allow"
        #expect(finished.errors.ranges(of: notice).count == 1, "\(finished.errors)")
    }

    @Test func tunnelThatTheProxyDoesNotMakeIsAConnectError() throws {
        let arguments = ["-q", "--proxy", server.base, "https://nowhere.invalid/"]
        let record = try #require(RunningProgram.run("fetchpool", arguments).records.first)
        #expect(
            record.failure == Failure("fetch_error", "connect", isRetryable: false),
            "\(record.errorMessage)"
        )
    }

    @Test(.ownThread(isFirst: true), arguments: ["429 Too Many Requests", "503 Service Unavailable"])
    func eachURLIsFetchedThoughTheProxyIsBusyForAMoment(status: String) throws {
        let fixture = try TLSFixture()
        let target = fixture.port(.good)
        let proxy = try ScriptedServer { request, peer in
            guard request.connection > 6 else {
                peer.respond(status, "Retry-After: 1")
                return .close
            }
            peer.tunnel(to: target)
            return .close
        }
        let lines = (1...20).map { "\(fixture.base(.good))/get?\($0)" }.joined(separator: "\n")
        let arguments = ["-q", "-w", "1", "--cacert", fixture.authority, "--proxy", proxy.base]
        let run = try RunningProgram.run("fetchpool", arguments + ["--retries", "6"], input: lines)
        let records = try run.records
        #expect(records.outcomes == ["ok": 20], "\(records.map(\.errorMessage))")
    }

    @Test func anUntrustedCertificateOfTheProxyIsReported() throws {
        let fixture = try TLSFixture()
        let arguments = ["-q", "-w", "1", "--insecure", "--proxy", fixture.base(.selfSigned)]
        for url in ["http://nowhere.invalid/", "https://nowhere.invalid/"] {
            let record = try #require(RunningProgram.run("fetchpool", arguments + [url]).records.first)
            #expect(record.failure == Failure("fetch_error", "tls", isRetryable: false))
            let message = "no trusted TLS connection to the proxy could be made: "
            #expect(record.errorMessage.hasPrefix(message), "\(record.errorMessage)")
        }
    }

    @Test(arguments: ["fetchpool", "fetchpool-fetch"])
    func policiesThatCannotBeAppliedThroughAProxyAreRefused(program: String) throws {
        for policy in ["deny", "no-redirect"] {
            let arguments = ["--private-addresses", policy, "--proxy", server.base]
            let finished = try RunningProgram.run(program, arguments, input: "data:,x")
            #expect(finished.end == .status(2))
            #expect(finished.output == "")
            #expect(
                finished.errors.contains(
                    "--private-addresses \(policy) cannot be applied with --proxy: the proxy resolves"
                )
            )
        }
        let allowed = ["--private-addresses", "allow", "--proxy", server.base]
        let finished = try RunningProgram.run(program, allowed, input: "http://nowhere.invalid/get")
        #expect(try finished.records.outcomes == ["ok": 1])
        #expect(!finished.errors.contains("--private-addresses"))
    }

    @Test(
        arguments: ["fetchpool", "fetchpool-fetch"],
        [
            ("socks4://127.0.0.1:1080", "write a proxy as http://, https://, socks5:// or socks5h://"),
            ("http://me:secret/x@127.0.0.1:3128", "in a user name or password, write / as %2F"),
            ("http://127.0.0.1:3128/path", "a proxy has no path; write http://127.0.0.1:3128"),
            ("http://127.0.0.1:99999", "the port 99999 is out of range"), ("", "the host is empty"),
        ]
    )
    func invalidProxyIsRefusedWithTheReason(program: String, example: (proxy: String, says: String)) throws {
        let finished = try RunningProgram.run(program, ["--proxy", example.proxy], input: "data:,x")
        #expect(finished.end == .status(2))
        #expect(finished.errors.hasPrefix("\(program): --proxy: "), "\(finished.errors)")
        #expect(finished.errors.contains(example.says), "\(finished.errors)")
        #expect(!finished.errors.contains("secret"), "\(finished.errors)")
    }

    @Test func environmentAndNetrcFilesAreIgnored() throws {
        try folder.write("machine 127.0.0.1 login me password secret\n", to: ".netrc")
        let port = server.port
        let names = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].map { "\($0)=http://127.0.0.1:1" }
        let words = names + ["HOME=\(folder.path)", BuiltPrograms.path("fetchpool")]
        let fetched = try RunningProgram.run(
            "/usr/bin/env",
            words + ["-q", "-p", "json", server.base + "/echo"]
        )
        let record = try #require(fetched.records.first)
        #expect(record.outcome == "ok", "\(record.errorMessage)")
        #expect(!"\(record.result)".contains("Authorization"))
        // The programs also ignore the variables that would exclude hosts from the proxy.
        let excepted = ["no_proxy=*", "NO_PROXY=127.0.0.1", BuiltPrograms.path("fetchpool-fetch")]
        let named = try RunningProgram.run(
            "/usr/bin/env",
            excepted + ["--proxy", "http://127.0.0.1:\(port)"],
            input: "http://127.0.0.1:1/get"
        )
        #expect(try named.records.outcomes == ["ok": 1])
    }
}
