// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of the addresses to which the client connects for a host name.
///
/// In all tests but one, all addresses except 127.0.0.1 are public.
@Suite(.ownThread)
struct PeersOfNamesTests {
    private let server: FixtureServer
    private static let (inside, outside) = (IPAddress.v4(0x7F00_0001), IPAddress.v4(0x7F00_0002))

    init() throws { server = try FixtureServer(addresses: ["127.0.0.2", "127.0.0.1"]) }

    private func guards(
        _ addresses: @escaping @Sendable (String, Int) -> [IPAddress] = { _, _ in [outside] }
    ) -> ClientGuards {
        var guards = ScriptedNames { .addresses(addresses($0, $1)) }.guards
        guards.addresses = AddressTable([AddressBlock("127.0.0.1/32", "Inside", "these tests")])
        return guards
    }

    /// Returns a URL at a public address that redirects to `url`.
    private func redirect(to url: String) -> String { "\(server.base)/redirect-to?url=\(url)" }

    /// Returns the number of requests for `/get?found`, the target of the redirects.
    private func found() throws -> Int { try server.log().count { $0.target.hasPrefix("/get?found") } }

    /// Sends a POST to a host, so that the client looks up the name; returns the result.
    ///
    /// No other request uses the connection of the POST, and the POST leaves no open connection to the host.
    private func introduce(_ host: String, to client: DrivenClient) throws -> FetchResult {
        let post = try client.begin("http://\(host):\(server.port)/echo", #","method":"POST","body":"x""#)
        return try #require(client.result(of: post))
    }

    @Test(arguments: [[inside, outside], [outside, inside]])
    func denyUsesThePublicAddressesOfAName(addresses: [IPAddress]) throws {
        var settings = FetchSettings()
        settings.privateAddresses = .deny
        let client = try DrivenClient(settings, guards: guards { _, _ in addresses })
        let result = try #require(try client.fetch("http://both.test:\(server.port)/get"))
        #expect(result.error == nil && result.remoteIP == "127.0.0.2")
    }

    /// No program listens at port 1.
    @Test(arguments: [[inside, outside], [outside, inside]])
    func aRefusedAddressDoesNotHideTheFailureOfAPublicOne(addresses: [IPAddress]) throws {
        var settings = FetchSettings()
        settings.privateAddresses = .deny
        let client = try DrivenClient(settings, guards: guards { _, _ in addresses })
        let error = try #require(try client.fetch("http://both.test:1/")?.error)
        #expect(error.errorClass == .connect && error.isRetryable, "\(error.message)")
    }

    /// A SOCKS server closes a connection that begins with a TLS handshake.
    ///
    /// In this test, all addresses except 127.0.0.2 are public.
    @Test func aBrokenHandshakeWithAPublicAddressIsRetryable() throws {
        var settings = FetchSettings()
        settings.privateAddresses = .deny
        let socks = try SocksServer(leadingTo: 1)
        var guards = guards { _, _ in [Self.outside, Self.inside] }
        guards.addresses = AddressTable([AddressBlock("127.0.0.2/32", "Inside", "this test")])
        let client = try DrivenClient(settings, guards: guards)
        let error = try #require(try client.fetch("https://both.test:\(socks.port)/")?.error)
        #expect(error.errorClass == .reset && error.isRetryable, "\(error.message)")
    }

    @Test func aRedirectToANameUsesOnlyItsPublicAddresses() throws {
        let client = try DrivenClient(
            FetchSettings(),
            guards: guards { _, _ in [Self.inside, Self.outside] }
        )
        // By default, the client accepts any address for the host in the URL of a task.
        #expect(try introduce("both.test", to: client).remoteIP == "127.0.0.1")
        let url = redirect(to: "http://both.test:\(server.port)/get?found")
        let result = try #require(try client.fetch(url))
        #expect(result.error == nil && result.redirects == 1 && result.remoteIP == "127.0.0.2")
    }

    @Test func theAddressOfTheConnectionDecidesAboutARedirect() throws {
        var settings = FetchSettings()
        settings.nameLifetime = .zero
        let client = try DrivenClient(
            settings,
            // Each request to the name has its own look-up, because the lifetime of addresses is 0.
            guards: guards { _, before in before == 0 || before == 3 ? [Self.outside] : [Self.inside] }
        )
        let url = redirect(to: "http://moving.test:\(server.port)/get?found")
        var results: [FetchResult] = []
        for address in ["127.0.0.2", "127.0.0.1", "127.0.0.1"] {
            #expect(try introduce("moving.test", to: client).remoteIP == address)
            results.append(try #require(try client.fetch(url)))
        }
        // The third redirect uses the connection of the second redirect; this connection is still open.
        #expect(results.map(\.error?.errorClass) == [.privateAddress, nil, nil])
        #expect(results.dropFirst().allSatisfy { $0.remoteIP == "127.0.0.2" })
        #expect(try found() == 2)
    }

    @Test func aRedirectMayNotUseAnOpenConnectionToAPrivateAddress() throws {
        let client = try DrivenClient(FetchSettings(), guards: guards { _, _ in [Self.inside] })
        #expect(try client.fetch("http://inside.test:\(server.port)/get")?.error == nil)
        let url = redirect(to: "http://inside.test:\(server.port)/get?found")
        #expect(try client.fetch(url)?.error?.errorClass == .privateAddress)
        #expect(try found() == 0)
        #expect(try client.fetch("http://inside.test:\(server.port)/get")?.error == nil)
    }

    /// Over HTTP/2, two requests can share a connection at the same time.
    @Test(arguments: ["", "/long-header"])
    func aRedirectMayNotShareAConnectionToAPrivateAddress(path: String) throws {
        let fixture = try TLSFixture()
        var settings = FetchSettings()
        settings.certificateFile = fixture.authority
        let client = try DrivenClient(settings, guards: guards())
        let inside = "\(fixture.base(.good))\(path.isEmpty ? "/" : path)"
        #expect(try client.fetch(inside)?.httpVersion?.description == "2")
        let url = redirect(to: "\(fixture.base(.good))/?found")
        var tasks: [Int] = []
        for _ in 0..<8 {
            _ = try client.begin(inside)
            tasks.append(try client.begin(url))
        }
        for task in tasks {
            #expect(try #require(client.result(of: task)).error?.errorClass == .privateAddress)
        }
        #expect(client.turn { client.client.inFlight == 0 })
        #expect(try fixture.requests(atLeast: 9).allSatisfy { !$0.contains("found") })
        #expect(client.results.values.count { $0.error == nil } == 9)
    }
}
