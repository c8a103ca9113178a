// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import TestFolders
import TestPrograms
import TestThreads
import Testing

/// Tests of the options for the passwords and addresses of hosts, and for the proxy.
@Suite(.ownThread)
struct WayTests {
    private let site: SessionSite
    private let folder: TestFolder

    init() throws {
        site = try SessionSite()
        folder = TestFolder()
    }

    private static let programs = [("fetchpool", ["-q", "-w", "1"]), ("fetchpool-fetch", [])]

    // MARK: Passwords

    @Test(arguments: programs)
    func aLoginOfTheNetrcFileIsSentOnlyToItsHost(program: String, options: [String]) throws {
        let other = try ScriptedServer { _, peer in peer.respond() ? .keep : .close }
        let netrc = try folder.write(
            "machine 127.0.0.1 login me password p\nmachine other.localhost login you\n",
            to: "netrc"
        )
        let run = try RunningProgram(program, options + ["--netrc", netrc])
        let own = #"{"url":"\#(site.base())/x","headers":{"authorization":"Bearer t"}}"#
        let tasks = [
            "\(site.base())/x", own, "\(site.base("third.localhost"))/x",
            "\(site.base())/there?/x!a=1", "\(site.base())/there?\(other.base)/x!a=1",
            "\(site.base())/there?\(site.base("other.localhost"))/x!a=1",
        ]
        for task in tasks {
            try run.send(task)
            #expect(try run.record() != nil)
        }
        let me = "Basic \(Data("me:p".utf8).base64EncodedString())"
        let sent = site.server.requests.map { $0.values("authorization") }
        let you = "Basic \(Data("you:".utf8).base64EncodedString())"
        #expect(sent == [[me], ["Bearer t"], [], [me], [me], [me], [me], [you]])
        // `other` has another port and thus another origin, but the host is 127.0.0.1 as well.
        #expect(other.requests.map { $0.values("authorization") } == [[me]])
    }

    @Test(arguments: programs)
    func aLoginForAllHostsIsNotSentAfterARedirectToAnotherHost(program: String, options: [String]) throws {
        let netrc = try folder.write("default login any\n", to: "netrc")
        let run = try RunningProgram(program, options + ["--netrc", netrc])
        for host in ["other.localhost", "127.0.0.1"] {
            try run.send("\(site.base())/there?\(site.base(host))/x!a=1")
            #expect(try run.record() != nil)
        }
        let any = "Basic \(Data("any:".utf8).base64EncodedString())"
        #expect(site.server.requests.map { $0.values("authorization") } == [[any], [], [any], [any]])
    }

    @Test(arguments: programs)
    func aBadEntryForAnotherHostDoesNotEndTheRun(program: String, options: [String]) throws {
        let text = """
            machine api.example login a:b password p
            machine git.example login c password d  # it's for git
              protocol https
            machine 127.0.0.1
              method interactive
              login me
              password p

            """
        let netrc = try folder.write(text, to: "netrc")
        let arguments = options.filter { $0 != "-q" } + ["--netrc", netrc]
        let run = try RunningProgram.run(program, arguments, input: "\(site.base())/cookies")
        #expect(run.end == .status(0), "\(run.errors)")
        #expect(run.errors.contains("--netrc, line 1: a user name cannot hold a colon"), "\(run.errors)")
        let me = "Basic \(Data("me:p".utf8).base64EncodedString())"
        #expect(site.server.requests.map { $0.values("authorization") } == [[me]])
    }

    // MARK: Addresses

    @Test(arguments: programs)
    func aGivenAddressTakesThePlaceOfALookup(program: String, options: [String]) throws {
        let port = site.server.port
        let given = ["Nowhere.invalid:\(port):127.0.0.1", "localhost:1:[::1]"].flatMap { ["--resolve", $0] }
        let urls = [
            "http://nowhere.INVALID:\(port)/cookies", "http://other.invalid:\(port)/cookies",
            "\(site.base())/there?http://nowhere.invalid:\(port)/cookies!a=1",
        ]
        let run = try RunningProgram.run(
            program,
            options + given,
            input: urls.map { "{\"url\":\"\($0)\",\"id\":\"\($0)\"}" }.joined(separator: "\n")
        )
        let records = try run.records
        #expect(records.first { $0.id == urls[0] }?.outcome == "ok")
        #expect(records.first { $0.id == urls[1] }?.errorClass == "dns")
        #expect(records.first { $0.id == urls[2] }?.outcome == "ok")
        #expect(site.server.requests.contains { $0.values("host") == ["nowhere.invalid:\(port)"] })
    }

    @Test func aStarGivesAnAddressToAllHosts() throws {
        let given = [
            "--resolve", "*:\(site.server.port):127.0.0.1", "--resolve",
            "other.invalid:\(site.server.port):127.0.0.2",
        ]
        let run = try RunningProgram.run(
            "fetchpool",
            ["-q"] + given,
            input:
                "http://a.invalid:\(site.server.port)/cookies\nhttp://b.invalid:\(site.server.port)/cookies"
        )
        #expect(try run.records.outcomes == ["ok": 2])
    }

    /// A given address must pass the same checks as an address from a lookup.
    @Test func aGivenPrivateAddressIsRefused() throws {
        let given = [
            "--resolve", "public.invalid:\(site.server.port):127.0.0.1", "--private-addresses", "deny",
        ]
        let run = try RunningProgram.run(
            "fetchpool",
            ["-q"] + given + ["http://public.invalid:\(site.server.port)/cookies"]
        )
        #expect(try run.records.first?.errorClass == "private_address")
        #expect(site.server.requests.isEmpty)
    }

    // MARK: SOCKS

    @Test(arguments: programs, ["socks5", "socks5h"])
    func aSocksServerReceivesNamesOrAddresses(program: (String, [String]), scheme: String) throws {
        let socks = try SocksServer(leadingTo: site.server.port)
        let run = try RunningProgram.run(
            program.0,
            program.1 + ["--proxy", "\(scheme)://127.0.0.1:\(socks.port)"],
            input: "http://nowhere.invalid:8080/cookies\nhttp://127.0.0.2:81/cookies"
        )
        let records = try run.records
        if scheme == "socks5h" {
            #expect(records.outcomes == ["ok": 2], "\(records.map(\.errorMessage))")
            #expect(socks.requests.sorted() == ["127.0.0.2:81", "nowhere.invalid:8080"])
        } else {
            #expect(Set(records.map(\.errorClass)) == [nil, "dns"], "\(records.map(\.errorMessage))")
            #expect(socks.requests == ["127.0.0.2:81"])
        }
        let notice = "--private-addresses is allow"
        #expect(run.errors.contains(notice) == (program.0 == "fetchpool-fetch"), "\(run.errors)")
    }

    /// A request has the whole URL only if an HTTP proxy receives the request.
    @Test func theServerBehindASocksServerReceivesThePathAlone() throws {
        let socks = try SocksServer(leadingTo: site.server.port)
        let proxy = ["--proxy", "socks5h://127.0.0.1:\(socks.port)"]
        let run = try RunningProgram.run(
            "fetchpool",
            ["-q", "-w", "1"] + proxy + ["http://nowhere.invalid/cookies?", "http://a!b.invalid/cookies"]
        )
        #expect(try run.records.outcomes == ["ok": 2])
        #expect(site.server.requests.map(\.target).sorted() == ["/cookies", "/cookies?"])
    }

    @Test func aSocksServerReceivesTheGivenAddress() throws {
        let socks = try SocksServer(leadingTo: site.server.port)
        let proxy = ["--proxy", "socks5://127.0.0.1:\(socks.port)"]
        let run = try RunningProgram.run(
            "fetchpool",
            ["-q", "-w", "1", "--resolve", "nowhere.invalid:80:10.1.2.3"] + proxy + [
                "http://nowhere.invalid/cookies"
            ]
        )
        #expect(try run.records.outcomes == ["ok": 1])
        #expect(socks.requests == ["10.1.2.3:80"])
    }

    @Test func aMissingSocksServerGivesAConnectError() throws {
        let port = try LoopbackPort().number
        let run = try RunningProgram.run(
            "fetchpool",
            ["-q", "--retries", "0", "--proxy", "socks5h://127.0.0.1:\(port)", "http://nowhere.invalid/"]
        )
        #expect(try run.records.first?.errorClass == "connect")
        // With a proxy, fetchpool does not see the addresses of the hosts, so these policies are refused.
        for policy in ["deny", "no-redirect"] {
            let refused = try RunningProgram.run(
                "fetchpool",
                ["--private-addresses", policy, "--proxy", "socks5h://127.0.0.1:\(port)", "data:,x"]
            )
            #expect(refused.end == .status(2))
        }
    }

    // MARK: A proxy over TLS

    @Test func theCertificateOfAProxyIsChecked() throws {
        let fixture = try TLSFixture()
        let proxy = ["--proxy", fixture.base(.good)]
        let url = "http://nowhere.invalid/"
        let known = try RunningProgram.run(
            "fetchpool",
            ["-q", "-w", "1", "--cacert", fixture.authority] + proxy + [url]
        )
        #expect(try known.records.outcomes == ["ok": 1], "\(known.output)")
        let unknown = try RunningProgram.run(
            "fetchpool",
            ["-q", "-w", "1", "--retries", "0", "-k"] + proxy + [url]
        )
        #expect(try unknown.records.first?.errorClass == "tls", "\(unknown.output)")
    }
}
