// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier

/// The input lines of a simulated crawl, which are prepared in groups before they are read.
struct CrawlLines {
    /// The port of all hosts.
    static let port: UInt16 = 443
    /// The assumed length of a task's text, in bytes.
    private static let textBytes: UInt32 = 80

    private var tasks: [RunTask] = []
    private var names: [[UInt8]] = []
    private var next = 0
    private var read = 0
    /// The host name of the task that `popFirst` last returned; empty before the first call.
    private(set) var name: [UInt8] = []

    /// True if all prepared lines were read.
    var isEmpty: Bool { next == tasks.count }

    /// Returns the next task, and sets `name`; `nil` if all prepared lines were read.
    mutating func popFirst() -> RunTask? {
        guard next < tasks.count else { return nil }
        name = names[next]
        next += 1
        return tasks[next - 1]
    }

    /// Replaces the prepared lines with the next lines of the input, at most `count`.
    mutating func prepare(
        _ count: Int,
        of sizes: inout HostSizes,
        hosts: inout [SimulatedHost],
        using random: inout SplitMix64
    ) {
        tasks.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        next = 0
        while tasks.count < count, let host = sizes.next(using: &random) {
            read += 1
            hosts[host].tasks &+= 1
            // In a run, `text` is the place of the task's text. In the simulation, `text.start` is the number
            // of the host.
            let text = TextPlace(start: UInt32(host), count: Self.textBytes)
            var task = RunTask(ordinal: read, text: text, url: ByteRange())
            task.host = hosts[host].hash
            tasks.append(task)
            names.append(Self.name(of: host))
        }
    }

    /// Returns the number of a task's host.
    static func host(of task: RunTask) -> Int { Int(task.text.start) }

    /// Returns the name of the host with the number `host`.
    static func name(of host: Int) -> [UInt8] {
        var name: [UInt8] = []
        name.reserveCapacity(32)
        name += "www.host-".utf8
        // This loop is faster than `String(host)`.
        var divisor = 10_000_000
        while divisor > 0 {
            name.append(UInt8(ascii: "0") + UInt8(host / divisor % 10))
            divisor /= 10
        }
        name += ".example.com".utf8
        return name
    }
}
