// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier

/// The lines of the input that were prepared and not yet read.
struct CrawlLines {
    /// The port of all hosts.
    static let port: UInt16 = 443
    /// The bytes of a task's text that a run would store.
    private static let textBytes: UInt32 = 80

    private var tasks: [RunTask] = []
    private var names: [[UInt8]] = []
    private var next = 0
    private var read = 0
    /// The name of the host of the task that was last returned.
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

    /// Prepares up to `count` lines in place of those that were read.
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
            // The number of the host is kept where a run keeps the place of the text.
            let text = TextPlace(start: UInt32(host), count: Self.textBytes)
            var task = RunTask(ordinal: read, text: text, url: ByteRange())
            task.host = hosts[host].hash
            tasks.append(task)
            names.append(Self.name(of: host))
        }
    }

    /// Returns the host of a task.
    static func host(of task: RunTask) -> Int { Int(task.text.start) }

    /// Returns the name of a host.
    static func name(of host: Int) -> [UInt8] {
        var name: [UInt8] = []
        name.reserveCapacity(32)
        name += "www.host-".utf8
        // Eight digits, because the description of a number takes longer than the frontier.
        var divisor = 10_000_000
        while divisor > 0 {
            name.append(UInt8(ascii: "0") + UInt8(host / divisor % 10))
            divisor /= 10
        }
        name += ".example.com".utf8
        return name
    }
}
