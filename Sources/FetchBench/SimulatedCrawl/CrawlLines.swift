// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier

/// The lines of the input, which are prepared in groups before they are read.
struct CrawlLines {
    /// The port of all hosts.
    static let port: UInt16 = 443
    /// The number of bytes that a run would store for the text of a task.
    private static let textBytes: UInt32 = 80

    private var tasks: [RunTask] = []
    private var names: [[UInt8]] = []
    private var next = 0
    private var read = 0
    /// The name of the host of the task that `popFirst` returned last.
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

    /// Replaces all lines by the next `count` lines of the input; by fewer lines at the end of the input.
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
            // A run keeps the place of the task's text here. The simulation keeps the number of the host.
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
        // The name has eight digits. `String(host)` would take longer than the frontier takes for a task.
        var divisor = 10_000_000
        while divisor > 0 {
            name.append(UInt8(ascii: "0") + UInt8(host / divisor % 10))
            divisor /= 10
        }
        name += ".example.com".utf8
        return name
    }
}
