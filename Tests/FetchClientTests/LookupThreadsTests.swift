// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import TestThreads
import Testing

@testable import FetchClient

/// Tests of look-ups on separate threads.
@Suite(.ownThread)
struct LookupThreadsTests {
    /// Waits for `count` results.
    private func results(_ count: Int, of threads: LookupThreads) -> [LookupThreads.Result] {
        var results: [LookupThreads.Result] = []
        while results.count < count {
            var entry = pollfd(fd: threads.descriptor, events: Int16(POLLIN), revents: 0)
            unsafe _ = poll(&entry, 1, -1)
            results += threads.takeResults()
        }
        return results
    }

    @Test func resultsMakeTheDescriptorReadable() throws {
        let names = ScriptedNames { name, _ in name == "none" ? .missing : .loopback }
        let threads = try LookupThreads(maxThreads: 4, lookUp: names.lookUp)
        for name in ["a", "none", "b"] { threads.begin(name) }
        let results = results(3, of: threads)
        #expect(Set(results.map(\.name)) == ["a", "none", "b"])
        #expect(results.allSatisfy { $0.result == ($0.name == "none" ? .missing : .loopback) })
        // No results are left, so the descriptor is not readable.
        var entry = pollfd(fd: threads.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(unsafe poll(&entry, 1, 0) == 0)
        threads.close()
    }

    @Test func consecutiveLookupsReuseAThread() throws {
        let threads = try LookupThreads(maxThreads: 8) { _ in .loopback }
        for number in 0..<50 {
            threads.begin("\(number)")
            _ = results(1, of: threads)
        }
        // A look-up may begin before the thread of the previous look-up is idle.
        #expect(threads.count <= 2)
        threads.close()
    }

    @Test func hungLookupsBlockOnlyTheirOwnThreads() throws {
        let gate = Gate()
        defer { gate.open() }
        let names = ScriptedNames { name, _ in
            if name.hasPrefix("hung") { gate.pass() }
            return .loopback
        }
        let threads = try LookupThreads(maxThreads: 4, lookUp: names.lookUp)
        for number in 0..<3 { threads.begin("hung\(number)") }
        for number in 0..<20 { threads.begin("\(number)") }
        #expect(Set(results(20, of: threads).map(\.name)) == Set((0..<20).map(String.init)))
        #expect(threads.count <= 4)
        threads.close()
    }

    @Test func lookupsBeyondTheLimitWaitAndCanBeWithdrawn() throws {
        let gate = Gate()
        let names = ScriptedNames { _, _ in
            gate.pass()
            return .loopback
        }
        let threads = try LookupThreads(maxThreads: 2, lookUp: names.lookUp)
        for number in 0..<10 { threads.begin("\(number)") }
        #expect(threads.count == 2)
        #expect(threads.withdraw("9"))
        #expect(!threads.withdraw("9"))
        gate.open()
        #expect(Set(results(9, of: threads).map(\.name)) == Set((0..<9).map(String.init)))
        #expect(names.names.count == 9)
        threads.close()
    }

    @Test func closeDoesNotWaitForAHungLookup() throws {
        let gate = Gate()
        defer { gate.open() }
        weak var held: LookupThreads?
        do {
            let threads = try LookupThreads(maxThreads: 2) { _ in
                gate.pass()
                return .loopback
            }
            threads.begin("hung")
            threads.begin("waiting")
            threads.begin("never begun")
            threads.close()
            held = threads
        }
        // The thread with the hung look-up keeps the object alive.
        #expect(held != nil)
    }

    @Test func systemLookupResolvesLocalhost() {
        guard case .addresses(let addresses) = SystemLookup.addresses(of: "localhost") else {
            Issue.record("localhost has no address")
            return
        }
        #expect(addresses.contains(.v4(0x7F00_0001)) || addresses.contains(.v6(1)))
        #expect(SystemLookup.addresses(of: "127.0.0.2") == .addresses([.v4(0x7F00_0002)]))
        #expect(SystemLookup.addresses(of: "no.such.name.invalid").failure != nil)
    }
}
