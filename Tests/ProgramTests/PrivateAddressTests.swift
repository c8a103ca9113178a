// SPDX-License-Identifier: MIT
// fetchpool

import TestPrograms
import TestThreads
import Testing

/// Tests of the addresses that may be fetched.
///
/// The tests have their own network, in which 11.0.0.1 represents a public address. The server listens on all
/// IPv4 addresses of the network, and on ::1 if the system has IPv6. If a request to one of these addresses
/// does not reach the server, the reason is that the program under test has refused to send the request.
@Suite(
    .ownThread,
    .enabled(if: NetworkNamespace.refusal == nil, "\(NetworkNamespace.refusal ?? "")")
)
struct PrivateAddressTests {
    private let network: NetworkNamespace
    private let server: FixtureServer

    init() throws {
        network = try NetworkNamespace(addresses: [NetworkNamespace.publicAddress, "169.254.169.254"])
        let more = FixtureServer.hasIPv6 ? ["::1"] : []
        let addresses = [NetworkNamespace.publicAddress, "127.0.0.1", "169.254.169.254"] + more
        server = try FixtureServer(addresses: addresses, in: network)
    }

    private func fetch(_ program: String, _ arguments: [String], _ lines: [String]) throws -> [Record] {
        let arguments = arguments + (program == "fetchpool" ? ["-q", "-w", "1"] : [])
        let input = lines.joined(separator: "\n")
        let finished = try network.run(program, arguments, input: input)
        let records = try finished.records
        try #require(records.count == lines.count, "\(finished.errors)")
        return records.sorted { (Int($0.id) ?? 0) < (Int($1.id) ?? 0) }
    }

    /// Returns the URL of a redirect from one of the server's addresses to `host`, a name or
    /// an address in any spelling.
    private func redirect(from address: String, to host: String) -> String {
        "\(server.base(address))/redirect-to?url=http://\(host):\(server.port)/get?found"
    }

    /// Hosts with addresses that are not public, in different spellings.
    private var inside: [String] {
        [
            "169.254.169.254", "127.0.0.1", "127.1", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "localhost",
            "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::1]",
            "0.0.0.0",
        ]
    }

    @Test(arguments: ["fetchpool", "fetchpool-fetch"])
    func noRedirectLeadsFromAPublicToAPrivateAddress(program: String) throws {
        let lines = inside.map { redirect(from: NetworkNamespace.publicAddress, to: $0) }
        for record in try fetch(program, [], lines) {
            let failure = Failure("blocked", "private_address", isRetryable: false)
            #expect(record.failure == failure, "\(record.url ?? ""): \(record.errorMessage)")
        }
        let (connections, log) = try (server.statistics().connections, server.log())
        #expect(log.allSatisfy { $0.target.hasPrefix("/redirect-to") })
        // Each connection carried a logged request, except the connection for the statistics.
        #expect(connections == Set(log.map(\.connection)).count + 1)
    }

    @Test func aReusedConnectionDoesNotAllowAPrivateAddress() throws {
        let local = server.base("127.0.0.1") + "/get"
        let lines = [local, redirect(from: NetworkNamespace.publicAddress, to: "127.0.0.1"), local]
        let records = try fetch("fetchpool-fetch", ["-c", "1"], lines)
        #expect(records.map(\.outcome) == ["ok", "blocked", "ok"])
        let log = try server.log()
        #expect(log.map(\.target).filter { $0.hasPrefix("/get") } == ["/get", "/get"])
        #expect(log[0].connection != log[1].connection)
    }

    @Test func aTaskWithAPrivateAddressMayBeRedirectedToAnyAddress() throws {
        let lines = [
            server.base("127.0.0.1") + "/get", redirect(from: "127.0.0.1", to: "169.254.169.254"),
            redirect(from: "127.0.0.1", to: "localhost"),
            redirect(from: "127.0.0.1", to: NetworkNamespace.publicAddress),
            "data:,x",
        ]
        #expect(try fetch("fetchpool", [], lines).outcomes == ["ok": 5])
    }

    @Test(arguments: ["fetchpool", "fetchpool-fetch"])
    func denyFetchesNothingPrivate(program: String) throws {
        let open = [server.base(NetworkNamespace.publicAddress) + "/get", "data:,x"]
        let direct = inside.map { "http://\($0):\(server.port)/get?found" }
        let redirects = inside.map { redirect(from: NetworkNamespace.publicAddress, to: $0) }
        let records = try fetch(program, ["--private-addresses", "deny"], open + direct + redirects)
        #expect(records.outcomes == ["ok": 2, "blocked": direct.count + redirects.count])
        #expect(records.prefix(2).allSatisfy { $0.outcome == "ok" })
        #expect(
            try !server.log().contains { $0.target.contains("/get?found") && !$0.target.contains("url=") }
        )
    }

    @Test func allowFollowsRedirectsToPrivateAddresses() throws {
        let hosts = ["169.254.169.254", "127.1", "[::ffff:127.0.0.1]"]
        let lines = hosts.map { redirect(from: NetworkNamespace.publicAddress, to: $0) }
        #expect(try fetch("fetchpool", ["--private-addresses=allow"], lines).outcomes == ["ok": 3])
    }
}
