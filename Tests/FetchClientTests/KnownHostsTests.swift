// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchClient

/// Tests of the generations of known hosts, and of the limits on their connections.
struct KnownHostsTests {
    /// Begins and ends a request to each host.
    ///
    /// Like the client, the function starts a new generation before a request to an unknown host if the
    /// newest generation is full.
    private func visit(_ keys: some Sequence<Int>, _ hosts: inout KnownHosts) {
        for key in keys {
            if !hosts.isKnown(key), hosts.isFull { hosts.renew() }
            let place = hosts.begin(key)
            hosts.end(at: place)
        }
    }

    /// Returns those of `keys` whose hosts are known.
    private func known(_ keys: [Int], _ hosts: KnownHosts) -> [Int] {
        var hosts = hosts
        return keys.filter { hosts.isKnown($0) }
    }

    @Test func hostsOfThePreviousGenerationStayKnown() {
        var hosts = KnownHosts(limit: 10)
        visit(0..<10, &hosts)
        visit(0..<10, &hosts)
        #expect(hosts.generation == 0 && hosts.isFull)
        visit(10..<20, &hosts)
        #expect(hosts.generation == 1)
        #expect(known(Array(0..<20), hosts).count == 20)
        for key in 0..<10 {
            let place = hosts.begin(key)
            #expect(hosts.isOfPrevious(place))
            hosts.end(at: place)
        }
        #expect(hosts.generation == 1 && hosts.count == 20)
        visit([20], &hosts)
        #expect(hosts.generation == 2 && known([0, 10], hosts) == [10])
    }

    @Test func hostsWithoutNewRequestsAreForgotten() {
        var hosts = KnownHosts(limit: 100)
        visit(0..<100_000, &hosts)
        #expect(hosts.generation == 999)
        #expect(hosts.count <= 200)
    }

    @Test func aNewRequestMovesAnOldHostToTheNewestGeneration() {
        var hosts = KnownHosts(limit: 10)
        let slow = hosts.begin(-1)
        visit(0..<30, &hosts)
        #expect(hosts.inFlight(at: slow) == 1 && known([-1], hosts) == [])
        let next = hosts.begin(-1)
        #expect(next == slow && hosts.inFlight(at: slow) == 2 && !hosts.isOfPrevious(slow))
        hosts.end(at: slow)
        hosts.end(at: slow)
        #expect(known([-1], hosts) == [-1])
        visit(30..<60, &hosts)
        #expect(known([-1], hosts) == [] && hosts.count <= 20)
    }

    @Test func requestsWaitOnlyForTheFirstConnection() {
        var hosts = KnownHosts(limit: 10)
        let place = hosts.begin(1)
        let first = (0..<3).map { hosts.open($0, at: place) }
        #expect(first == [.opens, .waits, .waits])
        hosts.stopWaiting(1, at: place)
        let waiting = hosts.opened(at: place)
        #expect(waiting == [2])
        let next = hosts.open(3, at: place)
        #expect(next == .joins)
        for _ in 0..<4 { hosts.closed(at: place) }
        let again = hosts.open(4, at: place)
        #expect(again == .opens)
    }

    @Test(arguments: [(1_024, 32, 432), (20_000, 32, 1_032), (1_048_576, 10_000, 11_000), (64, 32, 16)])
    func connectionsFollowTheLimitOfDescriptors(descriptors: Int, concurrency: Int, expected: Int) {
        let room = ConnectionRoom(concurrency: concurrency, hosts: 1_000, descriptors: descriptors)
        #expect(room.perHandle == expected)
    }
}
