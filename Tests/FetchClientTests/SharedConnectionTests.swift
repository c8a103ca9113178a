// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of TLS requests that share a connection, or resume the session of an earlier connection.
@Suite(.ownThread)
struct SharedConnectionTests {
    private let fixture: TLSFixture

    init() throws { fixture = try TLSFixture() }

    private func settings(_ concurrency: Int) -> FetchSettings {
        var settings = FetchSettings()
        (settings.certificateFile, settings.concurrency) = (fixture.authority, concurrency)
        return settings
    }

    private func begin(_ count: Int, _ url: String, _ client: DrivenClient) throws {
        for number in 0..<count { _ = try client.begin("\(url)?\(number)") }
        #expect(client.turn { client.client.inFlight == 0 })
    }

    @Test func oneConnectionCarriesAllRequestsThatBeginTogether() throws {
        let client = try DrivenClient(settings(100))
        for _ in 0..<3 { try begin(100, fixture.base(.good) + "/", client) }
        #expect(client.results.values.allSatisfy { $0.error == nil && $0.httpVersion?.description == "2" })
        let handshakes = try fixture.handshakes()
        #expect(handshakes.requests == 300)
        #expect(handshakes.connections == 1)
    }

    /// A connection whose peer has vanished must not be used for the next tasks.
    ///
    /// The kernel ends a connection if the peer acknowledges no data for the time in TCP_USER_TIMEOUT
    /// (tcp(7)).
    @Test func connectionsHaveATCPUserTimeoutOfTwentySeconds() throws {
        let client = try DrivenClient(settings(1))
        try begin(1, fixture.base(.good) + "/", client)
        let port = try #require(UInt16(fixture.base(.good).split(separator: ":").last ?? ""))
        let limits = (3..<1_024).compactMap { (descriptor: Int32) -> UInt32? in
            var peer = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let failure = unsafe withUnsafeMutableBytes(of: &peer) { bytes in
                let address = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
                return unsafe getpeername(descriptor, address, &size)
            }
            guard failure == 0, peer.sin_port == port.bigEndian else { return nil }
            var (limit, length) = (UInt32(0), socklen_t(MemoryLayout<UInt32>.size))
            return unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit, &length) == 0
                ? limit : nil
        }
        #expect(!limits.isEmpty && limits.allSatisfy { $0 == 20_000 }, "\(limits)")
    }

    @Test func laterRequestsToAnHTTP1ServerReuseConnections() throws {
        let client = try DrivenClient(settings(10))
        try begin(10, fixture.baseOfHTTP1 + "/", client)
        try begin(10, fixture.baseOfHTTP1 + "/", client)
        #expect(client.results.values.allSatisfy { $0.error == nil && $0.httpVersion?.description == "1.1" })
        let handshakes = try fixture.handshakes()
        #expect(handshakes.requests == 20)
        #expect((1...10).contains(handshakes.connections))
    }

    /// If libcurl 7.88 resets an easy handle whose connection is shared, libcurl keeps the handle's buffer,
    /// but forgets the buffer's size.
    @Test func longHeadersAreCompleteForTasksWithTheirOwnFields() throws {
        let client = try DrivenClient(settings(8))
        for number in 0..<60 {
            #expect(client.turn { client.client.inFlight < 8 })
            let url = "\(fixture.base(.good))/long-header?\(number)"
            _ = try client.begin(url, #","headers":{"X-Number":"\#(number)"}"#)
        }
        #expect(client.turn { client.client.inFlight == 0 })
        #expect(client.results.values.allSatisfy { $0.error == nil && $0.status == 200 })
    }

    @Test func requestsThatMayNotBeRepeatedDoNotWaitForTheFirstConnection() throws {
        let client = try DrivenClient(settings(10))
        for _ in 0..<10 { _ = try client.begin(fixture.base(.good) + "/", #","method":"POST","body":"x""#) }
        #expect(client.turn { client.client.inFlight == 0 })
        #expect(client.results.values.allSatisfy { $0.error == nil })
        #expect(try fixture.handshakes().connections == 10)
    }

    @Test(arguments: [TLSFixture.Certificate.selfSigned, .expired, .wrongHost])
    func eachRequestReportsTheTLSFailure(certificate: TLSFixture.Certificate) throws {
        let client = try DrivenClient(settings(20))
        try begin(20, fixture.base(certificate) + "/", client)
        #expect(client.results.count == 20)
        #expect(client.results.values.allSatisfy { $0.error?.errorClass == .tls })
    }

    @Test func aSilentFirstConnectionIsATimeOutForAllWaitingRequests() throws {
        let port = try LoopbackPort.silent()
        var settings = settings(5)
        settings.connectTimeout = .milliseconds(300)
        let client = try DrivenClient(settings)
        let begun = ContinuousClock.now
        try begin(5, "https://127.0.0.1:\(port.number)/", client)
        #expect(client.results.values.allSatisfy { $0.error?.errorClass == .timeoutConnect })
        #expect(client.results.values.allSatisfy { $0.timing.total.map { $0 >= 290_000 } ?? false })
        #expect(ContinuousClock.now - begun < .seconds(25))
    }

    @Test func aWaitingRequestEndsWithItsOwnTimeOut() throws {
        let port = try LoopbackPort.silent()
        var settings = settings(5)
        (settings.connectTimeout, settings.timeout) = (.seconds(100), .seconds(100))
        let client = try DrivenClient(settings)
        let first = try client.begin("https://127.0.0.1:\(port.number)/")
        let second = try client.begin("https://127.0.0.1:\(port.number)/", #","timeout_s":1"#)
        let result = try #require(client.result(of: second))
        #expect(result.error?.errorClass == .timeoutConnect)
        #expect(client.results[first] == nil)
    }

    @Test(arguments: ["GET", "POST"])
    func nearlyAllSecondConnectionsToAHostResumeItsSession(method: String) throws {
        let hosts = 60
        var guards = ClientGuards()
        let port = fixture.port(.good)
        guards.lookUp = { _ in .loopback }
        var settings = settings(16)
        settings.isHTTP1Only = true
        let client = try DrivenClient(settings, guards: guards)
        let more = method == "GET" ? "" : #","method":"POST","body":"x""#
        for _ in 0..<2 {
            for host in 0..<hosts {
                #expect(client.turn { client.client.inFlight < 16 })
                _ = try client.begin("https://h\(host).fixture.test:\(port)/close", more)
            }
            #expect(client.turn { client.client.inFlight == 0 })
        }
        #expect(client.results.values.allSatisfy { $0.error == nil })
        let handshakes = try fixture.handshakes()
        #expect(handshakes.connections == hosts * 2)
        #expect(handshakes.resumed >= hosts * 9 / 10 && handshakes.resumed <= hosts)
    }

    /// An expired certificate is noticed only in a new session, so the client forgets sessions after a time.
    @Test func sessionsAreForgottenAfterATime() throws {
        var guards = ClientGuards()
        guards.sessionLifetime = 0
        var settings = settings(4)
        settings.isHTTP1Only = true
        let silent = try LoopbackPort.silent()
        let client = try DrivenClient(settings, guards: guards)
        // The client checks the lifetime of sessions only while a transfer is running.
        _ = try client.begin("http://127.0.0.1:\(silent.number)/")
        for _ in 0..<2 {
            #expect(try client.fetch(fixture.base(.good) + "/close")?.error == nil)
            let before = ObjectIdentifier(client.client.options.sessions)
            #expect(client.turn { ObjectIdentifier(client.client.options.sessions) != before })
        }
        let handshakes = try fixture.handshakes()
        #expect(handshakes.connections == 2 && handshakes.resumed == 0)
    }

    /// Both names belong to one server; its certificate is valid only for the first name.
    @Test(arguments: [(true, "/close"), (true, "/"), (false, "/close"), (false, "/")])
    func theConnectionAndTheSessionOfANameAreNotUsedForAnotherName(isHTTP1Only: Bool, path: String) throws {
        var guards = ClientGuards()
        guards.lookUp = { _ in .loopback }
        var settings = settings(4)
        settings.isHTTP1Only = isHTTP1Only
        let client = try DrivenClient(settings, guards: guards)
        let port = fixture.port(.good)
        let (right, wrong) = ("https://a.fixture.test:\(port)", "https://a.other.test:\(port)")
        for _ in 0..<3 {
            #expect(try client.fetch(right + path)?.error == nil)
            #expect(try client.fetch(wrong + path)?.error?.errorClass == .tls)
            let redirect = "\(right)/redirect-to?url=\(wrong)\(path)"
            #expect(try client.fetch(redirect)?.error?.errorClass == .tls)
        }
    }
}
