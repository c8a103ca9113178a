// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Glibc
import Platform
import TestThreads
import Testing

@testable import FetchClient

/// Tests of look-ups on separate threads.
@Suite(.ownThread)
struct LookupThreadsTests {
    /// Waits for at least `count` results; returns all results that have arrived.
    private func results(_ count: Int, of threads: LookupThreads) -> [LookupThreads.Result] {
        var results: [LookupThreads.Result] = []
        while results.count < count {
            var entry = pollfd(fd: threads.descriptor, events: Int16(POLLIN), revents: 0)
            unsafe _ = poll(&entry, 1, -1)
            results += threads.takeResults(at: 0).results
        }
        return results
    }

    /// Creates threads for at most `lookups` look-ups at a time, including slow look-ups.
    private func threads(_ lookups: Int, _ lookUp: @escaping LookupThreads.Function) throws -> LookupThreads {
        try LookupThreads(LookupLimits(lookups: lookups, threads: lookups), lookUp: lookUp)
    }

    @Test func resultsMakeTheDescriptorReadable() throws {
        let names = ScriptedNames { name, _ in name == "none" ? .missing : .loopback }
        let threads = try threads(4, names.lookUp)
        for name in ["a", "none", "b"] { #expect(!threads.begin(name, at: 0)) }
        let results = results(3, of: threads)
        #expect(Set(results.map(\.name)) == ["a", "none", "b"])
        #expect(results.allSatisfy { $0.result == ($0.name == "none" ? .missing : .loopback) })
        // No results are left, so the descriptor is not readable.
        var entry = pollfd(fd: threads.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(unsafe poll(&entry, 1, 0) == 0)
        threads.close()
    }

    @Test func consecutiveLookupsReuseAThread() throws {
        let threads = try threads(8) { _ in .loopback }
        for number in 0..<50 {
            #expect(!threads.begin("\(number)", at: 0))
            _ = results(1, of: threads)
        }
        #expect(threads.count == 1)
        threads.close()
    }

    @Test func hungLookupsBlockOnlyTheirOwnThreads() throws {
        let gate = Gate()
        defer { gate.open() }
        let names = ScriptedNames { name, _ in
            if name.hasPrefix("hung") { gate.pass() }
            return .loopback
        }
        let threads = try threads(4, names.lookUp)
        for number in 0..<3 { #expect(!threads.begin("hung\(number)", at: 0)) }
        for number in 0..<20 { _ = threads.begin("\(number)", at: 0) }
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
        let threads = try threads(2, names.lookUp)
        for number in 0..<10 { #expect(threads.begin("\(number)", at: 0) == (number >= 2)) }
        #expect(threads.count == 2 && threads.start(of: "9") == nil)
        #expect(threads.withdraw("9"))
        #expect(!threads.withdraw("9"))
        gate.open()
        #expect(Set(results(9, of: threads).map(\.name)) == Set((0..<9).map(String.init)))
        #expect(names.names.count == 9)
        #expect(!threads.takeResults(at: 0).areNamesWaiting)
        threads.close()
    }

    @Test func aSlowLookupNoLongerCountsAgainstTheLimitOnLookups() throws {
        let gate = Gate()
        defer { gate.open() }
        let names = ScriptedNames { name, _ in
            if name.hasPrefix("hung") { gate.pass() }
            return .loopback
        }
        let threads = try LookupThreads(LookupLimits(lookups: 2, threads: 4), lookUp: names.lookUp)
        // A look-up begins when its thread runs, so no look-up begins earlier than `before`.
        let before = MonotonicClock.milliseconds()
        for number in 0..<2 { #expect(!threads.begin("hung\(number)", at: before)) }
        #expect(threads.begin("a", at: before))
        #expect(threads.takeResults(at: before + 999).areNamesWaiting)
        #expect(threads.count == 2 && threads.start(of: "a") == nil)
        while names.names.count < 2 { sched_yield() }
        let after = MonotonicClock.milliseconds()
        #expect((before...after).contains(threads.start(of: "hung0") ?? 0))
        #expect(!threads.takeResults(at: after + 1_000).areNamesWaiting)
        #expect(results(1, of: threads).map(\.name) == ["a"])
        // The limit on threads includes the slow look-ups.
        for number in 2..<4 { _ = threads.begin("hung\(number)", at: after + 1_000) }
        #expect(threads.count == 4)
        #expect(threads.begin("b", at: after + 1_000_000))
        #expect(threads.takeResults(at: after + 1_000_000).areNamesWaiting)
        #expect(threads.count == 4)
        gate.open()
        #expect(results(5, of: threads).count == 5)
        // No look-up is slow any more, so two of the threads have ended.
        #expect(threads.count == 2)
        threads.close()
    }

    @Test(arguments: [
        (1, 16, 97), (32, 32, 128), (64, 64, 160), (500, 64, 512), (10_000, 64, 512), (Int.max, 64, 512),
    ])
    func limitsFollowTheConcurrency(concurrency: Int, lookups: Int, threads: Int) {
        let limits = LookupLimits(concurrency: concurrency)
        #expect(limits.lookups == lookups && limits.threads == threads)
    }

    @Test func closeDoesNotWaitForAHungLookup() throws {
        let gate = Gate()
        defer { gate.open() }
        weak var held: LookupThreads?
        do {
            let threads = try threads(2) { _ in
                gate.pass()
                return .loopback
            }
            for name in ["hung", "waiting", "never begun"] { _ = threads.begin(name, at: 0) }
            while threads.start(of: "hung") == nil { sched_yield() }
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
