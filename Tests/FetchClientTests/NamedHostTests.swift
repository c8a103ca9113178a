// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import TestPrograms
import TestThreads
import Testing

@testable import FetchClient

/// Tests of fetches from hosts whose names the test itself resolves (`ScriptedNames`).
@Suite(.ownThread)
struct NamedHostTests {
    private let server: ScriptedServer

    init() throws {
        server = try ScriptedServer { _, peer in
            peer.respond()
            return .close
        }
    }

    private func url(_ host: String, _ path: String = "/") -> String {
        "http://\(host):\(server.port)\(path)"
    }

    private func task(_ host: String, _ path: String = "/", _ members: String = "") -> String {
        #"{"url":"\#(url(host, path))"\#(members)}"#
    }

    @Test func manyTasksOfOneHostNeedOneLookup() throws {
        let names = ScriptedNames { _, _ in .loopback }
        let results = try server.fetch((0..<50).map { task("many.test", "/\($0)") }, guards: names.guards)
        #expect(results.allSatisfy { $0.error == nil && $0.remoteIP == "127.0.0.1" })
        #expect(names.names == ["many.test"])
    }

    @Test func eachOfManyHostsNeedsOneLookup() throws {
        let names = ScriptedNames { _, _ in .loopback }
        let results = try server.fetch((0..<600).map { task("host\($0 % 300).test") }, guards: names.guards)
        #expect(results.allSatisfy { $0.error == nil })
        #expect(Set(names.names).count == 300 && names.names.count == 300)
    }

    @Test func namesAreLookedUpInLowerCaseWithTheirFinalDot() throws {
        let names = ScriptedNames { _, _ in .loopback }
        let results = try server.fetch(
            [task("UPPER.test"), task("upper.TEST"), task("dot.test.")],
            guards: names.guards
        )
        #expect(results.allSatisfy { $0.error == nil })
        #expect(Set(names.names) == ["upper.test", "dot.test."] && names.names.count == 2)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "some.localhost"])
    func addressesAndNamesOfThisMachineAreNotLookedUp(host: String) throws {
        let names = ScriptedNames { _, _ in .missing }
        let result = try server.fetch(task(host), guards: names.guards)
        #expect(result.error == nil)
        #expect(names.names.isEmpty)
    }

    @Test(arguments: ["-other.test", "-"])
    func namesThatBeginWithAHyphenAreLeftToLibcurl(host: String) throws {
        let names = ScriptedNames { _, _ in .loopback }
        let client = try FetchClient(FetchSettings(), userAgent: "tests", guards: names.guards)
        #expect(try client.fetch(task(host), isRetry: false).error != nil)
        #expect(names.names.isEmpty)
        #expect(try client.fetch(task("other.test"), isRetry: false).error == nil)
    }

    @Test func withAProxyNothingIsLookedUp() throws {
        let names = ScriptedNames { _, _ in .missing }
        var settings = FetchSettings()
        (settings.proxy, settings.privateAddresses) = (try ProxyURL(reading: server.base), .allow)
        let result = try server.fetch(#"{"url":"http://nowhere.test/"}"#, settings, guards: names.guards)
        #expect(result.error == nil)
        #expect(names.names.isEmpty)
        #expect(server.requests.map(\.target) == ["http://nowhere.test/"])
    }

    @Test(arguments: [
        (LookupResult.missing, ErrorClass.dns, "the host name was not found: Name or service not known"),
        (
            .unreachable, .dns,
            "the host name could not be looked up, because no name server gave an answer: Temporary failure in name resolution"
        ),
        (
            .failed(LookupFailure(code: EAI_SYSTEM, systemError: EIO)), .dns,
            "the host name could not be looked up: Input/output error"
        ),
        // A lack of resources on this machine is not a fault of the host.
        (
            .failed(LookupFailure(code: EAI_SYSTEM, systemError: EMFILE)), .oom,
            "too many open files: no descriptor is left to look up the host name"
        ),
        (
            .failed(LookupFailure(code: EAI_SYSTEM, systemError: EAGAIN)), .oom,
            "the system has no room to look up the host name: Resource temporarily unavailable"
        ),
    ])
    func failedLookupHasItsMessage(lookup: LookupResult, errorClass: ErrorClass, message: String) throws {
        let names = ScriptedNames { _, _ in lookup }
        let results = try server.fetch([task("a.test"), task("a.test")], guards: names.guards)
        for result in results {
            #expect(result.error == TaskError(errorClass, message, isRetryable: true))
            #expect(!result.wasSent && result.status == nil)
            #expect(result.timing.total != nil && result.timing.total == result.timing.dns)
        }
        #expect(names.names.count == 1)
    }

    @Test func retryLooksUpAFailedNameAgain() throws {
        let names = ScriptedNames { _, before in before == 0 ? .missing : .loopback }
        let client = try FetchClient(FetchSettings(), userAgent: "tests", guards: names.guards)
        #expect(try client.fetch(task("late.test"), isRetry: false).error?.errorClass == .dns)
        #expect(try client.fetch(task("late.test"), isRetry: false).error?.errorClass == .dns)
        #expect(names.names.count == 1)
        #expect(try client.fetch(task("late.test"), isRetry: true).error == nil)
        #expect(names.names.count == 2)
    }

    @Test func lookupTimeIsMeasured() throws {
        let names = ScriptedNames { _, _ in
            // The slow look-up is the subject of this test.
            usleep(80_000)
            return .loopback
        }
        let results = try server.fetch([task("slow.test"), task("slow.test")], guards: names.guards)
        for result in results {
            let dns = result.timing.dns ?? 0
            #expect(result.error == nil)
            #expect(dns >= 75_000)
            #expect(result.timing.firstByte ?? 0 >= dns && result.timing.total ?? 0 >= dns)
        }
        #expect(names.names.count == 1)
    }

    @Test(arguments: ["connect", "task"])
    func aHungLookupFailsOnlyItsOwnTasks(limit: String) throws {
        let gate = Gate()
        defer { gate.open() }
        let names = ScriptedNames { name, _ in
            if name == "hung.test" { gate.pass() }
            return .loopback
        }
        var settings = FetchSettings()
        if limit == "connect" { settings.connectTimeout = .milliseconds(300) }
        let members = limit == "task" ? #","timeout_s":0.3"# : ""
        let hung = task("hung.test", "/", members)
        let results = try server.fetch(
            [hung, hung, task("other.test"), task("127.0.0.1")],
            settings,
            guards: names.guards
        )
        for result in results[..<2] {
            #expect(result.error?.errorClass == .timeoutConnect && result.error?.isRetryable == true)
            #expect(!result.wasSent)
            #expect((250_000..<20_000_000).contains(result.timing.total ?? 0))
        }
        #expect(results[2].error == nil && results[3].error == nil)
        #expect(names.names.count { $0 == "hung.test" } == 1)
    }

    /// The number of hung names exceeds the limit on look-ups that are not slow.
    ///
    /// A look-up that has become slow does not count against this limit, so the waiting names get threads.
    @Test func manyHungLookupsFailNoOtherName() throws {
        let gate = Gate()
        defer { gate.open() }
        let names = ScriptedNames { name, _ in
            if name.hasPrefix("hung") { gate.pass() }
            return .loopback
        }
        var settings = FetchSettings()
        settings.concurrency = 150
        let client = try FetchClient(settings, userAgent: "tests", guards: names.guards)
        for number in 0..<130 { try client.begin(task("hung\(number).test")) }
        // If `good.test` also had to wait, the first result would be a time-out of a hung name after 10 s.
        let result = try client.fetch(task("good.test"), isRetry: false)
        #expect(result.error == nil, "\(result.error?.message ?? "")")
    }

    @Test func connectTimeOutBeginsWithTheLookup() throws {
        let gates = [Gate(), Gate()]
        defer { for gate in gates { gate.open() } }
        let names = ScriptedNames { name, _ in
            if name.hasPrefix("hung") { gates[name == "hung0.test" ? 0 : 1].pass() }
            return .loopback
        }
        var settings = FetchSettings()
        settings.connectTimeout = .seconds(2)
        let limits = LookupLimits(lookups: 1, threads: 1)
        let client = try DrivenClient(settings, guards: names.guards(limits))
        let tasks = try ["hung0.test", "hung1.test", "good.test"].map { try client.begin(url($0)) }
        for index in 0..<2 {
            let result = try #require(client.result(of: tasks[index]))
            #expect(result.error?.errorClass == .timeoutConnect)
            // The second name waits until the first look-up ends, after two seconds.
            #expect(result.timing.total ?? 0 >= 2_000_000 * (index + 1) - 50_000)
            #expect(client.results.count == index + 1)
            gates[index].open()
        }
        let good = try #require(client.result(of: tasks[2]))
        #expect(good.error == nil, "\(good.error?.message ?? "")")
        #expect(names.names == ["hung0.test", "hung1.test", "good.test"])
    }

    @Test func timeOutBeforeTheLookupIsNoFaultOfTheHost() throws {
        let gate = Gate()
        defer { gate.open() }
        let names = ScriptedNames { name, _ in
            if name == "hung.test" { gate.pass() }
            return .loopback
        }
        let limits = LookupLimits(lookups: 1, threads: 1)
        let client = try DrivenClient(FetchSettings(), guards: names.guards(limits))
        _ = try client.begin(url("hung.test"))
        let task = try client.begin(url("good.test"), #","timeout_s":0.5"#)
        let result = try #require(client.result(of: task))
        #expect(result.error?.errorClass == .oom && result.error?.isRetryable == true)
        #expect(result.error?.message.hasPrefix("no thread was free to look up the host name") == true)
        #expect(!result.wasSent && result.timing.total ?? 0 >= 490_000)
        gate.open()
        let second = try #require(try client.fetch(url("good.test")))
        #expect(second.error == nil)
        #expect(names.names == ["hung.test", "good.test"])
    }

    @Test func timeOutIncludesTheLookup() throws {
        let silent = try LoopbackPort.silent()
        let names = ScriptedNames { _, _ in
            usleep(2_000_000)
            return .loopback
        }
        let result = try server.fetch(
            #"{"url":"http://slow.test:\#(silent.number)/","timeout_s":4}"#,
            guards: names.guards
        )
        #expect(result.error?.errorClass == .timeoutTotal)
        // The total would be at least 6 s if the time-out began after the look-up.
        #expect((3_990_000..<5_990_000).contains(result.timing.total ?? 0))
        // A request with a look-up and the next request on the same easy handle succeed within their
        // time-outs.
        let client = try FetchClient(FetchSettings(), userAgent: "tests", guards: names.guards)
        for _ in 0..<2 {
            #expect(
                try client.fetch(task("slow.test", "/", #","timeout_s":20"#), isRetry: false).error == nil
            )
        }
    }

    @Test func clientCanEndDuringAHungLookup() throws {
        let gate = Gate()
        defer { gate.open() }
        let names = ScriptedNames { _, _ in
            gate.pass()
            return .loopback
        }
        do {
            let client = try FetchClient(FetchSettings(), userAgent: "tests", guards: names.guards)
            let object = Array(task("hung.test").utf8)
            client.begin(try FetchTask(reading: object.span), token: 0)
            _ = client.settle()
            #expect(client.inFlight == 1 && client.takeFinished() == nil)
        }
        gate.open()
    }

    @Test func newAddressesReplaceOldOnes() throws {
        let names = ScriptedNames { _, before in
            .addresses([.v4(before == 1 ? 0x7F00_0002 : 0x7F00_0001)])
        }
        var settings = FetchSettings()
        settings.nameLifetime = .zero
        let client = try FetchClient(settings, userAgent: "tests", guards: names.guards)
        let results = try (0..<3).map { _ in try client.fetch(task("moving.test"), isRetry: false) }
        #expect(names.names.count == 3)
        // The second look-up finds 127.0.0.2, where no server listens.
        #expect(results.map(\.error?.errorClass) == [nil, .connect, nil])
    }

    @Test func resolvedPrivateAddressIsRefused() throws {
        let names = ScriptedNames { _, _ in .loopback }
        var settings = FetchSettings()
        settings.privateAddresses = .deny
        let result = try server.fetch(task("inside.test"), settings, guards: names.guards)
        #expect(result.error?.errorClass == .privateAddress)
        #expect(server.requests.isEmpty)
    }

    @Test func redirectToTheSameHostNeedsNoSecondLookup() throws {
        let redirecting = try ScriptedServer { request, peer in
            if request.target == "/from" {
                peer.send(
                    "HTTP/1.1 302 Found\r\nLocation: /to\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
            } else {
                peer.respond()
            }
            return .close
        }
        let names = ScriptedNames { _, _ in .loopback }
        let result = try redirecting.fetch(
            #"{"url":"http://moved.test:\#(redirecting.port)/from"}"#,
            guards: names.guards
        )
        #expect(result.error == nil && result.redirects == 1)
        #expect(redirecting.connections == 2)
        #expect(names.names.count == 1)
    }
}

extension FetchClient {
    /// Begins one task.
    fileprivate func begin(_ task: String, isRetry: Bool = false) throws {
        let object = Array(task.utf8)
        begin(try FetchTask(reading: object.span), token: 0, isRetry: isRetry)
    }

    /// Begins one task; returns the next result of any task.
    fileprivate func fetch(_ task: String, isRetry: Bool) throws -> FetchResult {
        try begin(task, isRetry: isRetry)
        while true {
            if let result = takeFinished() { return result }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let timeout = settle()
            unsafe _ = poll(&entry, 1, timeout)
            advance()
        }
    }
}
