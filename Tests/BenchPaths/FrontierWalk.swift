// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform

/// Moves tasks through a frontier as in a run, without any other work, so that the cost per task can be
/// counted.
///
/// The tasks belong to 1,000 hosts in turn. A fetch succeeds once 512 later fetches have begun.
struct FrontierWalk {
    private static let hosts = 1_000
    private static let window = 512

    private var frontier: Frontier
    private var chance = SplitMix64(seed: 1)
    private var now = PoolTime(nanoseconds: 0)
    private var flights = [HostTicket?](repeating: nil, count: window)
    private let tasks: [RunTask]
    private let names: [[UInt8]]

    /// Makes a frontier with the default limits, or without limits.
    init(hasLimits: Bool) {
        frontier = Frontier(HostRules(perHost: hasLimits ? 8 : nil))
        let names = (0..<Self.hosts).map { Array("host-number-\($0).example.com".utf8) }
        tasks = names.enumerated().map { number, name in
            var task = RunTask(ordinal: number, text: TextPlace(start: 0, count: 64), url: ByteRange(7..<60))
            task.host = HostHash.of(name.span, port: 443)
            return task
        }
        self.names = names
    }

    /// Moves `count` tasks through the frontier; returns a number that depends on each of them.
    mutating func walk(_ count: Int) -> Int {
        var (sum, begun) = (0, 0)
        for read in 0..<count {
            let (task, name) = (tasks[read % Self.hosts], names[read % Self.hosts])
            let host = frontier.host(task.host, name: name.span, port: 443, at: now)
            if let ticket = frontier.pass(host, at: now) {
                begin(ticket, &begun, &sum)
            } else {
                frontier.add(WaitingTask(task), of: host, at: now)
            }
            while let (task, ticket) = frontier.popNext(at: now) {
                sum &+= task.ordinal
                begin(ticket, &begun, &sum)
            }
        }
        return sum &+ begun
    }

    private mutating func begin(_ ticket: HostTicket, _ begun: inout Int, _ sum: inout Int) {
        let place = begun % Self.window
        begun += 1
        now = PoolTime(nanoseconds: now.nanoseconds + 1_000)
        if let flight = flights[place] {
            _ = frontier.end(flight, .good, at: now, using: &chance)
            sum &+= flight.host
        }
        flights[place] = ticket
    }
}
