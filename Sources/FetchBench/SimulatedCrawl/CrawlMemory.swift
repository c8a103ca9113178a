// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Platform

/// The memory that a simulated crawl has allocated since its set-up, and the peak of the process.
///
/// The simulation allocates its own tables at its set-up, so the rest belongs to the frontier: its hosts, its
/// tasks and its timers, with their earlier attempts. The tables of the set-up are not counted.
struct CrawlMemory {
    private let base = clinux_allocated_bytes()
    /// The allocated memory at the last look, in bytes.
    private(set) var bytes = 0
    /// The most allocated memory of all looks, in bytes, and the number of hosts remembered at that look.
    private(set) var most = (bytes: 0, hosts: 0)

    /// Looks at the memory while the frontier remembers `hosts` hosts.
    mutating func look(hosts: Int) {
        bytes = clinux_allocated_bytes() - base
        if bytes > most.bytes { most = (bytes, hosts) }
    }

    /// True if the C library tells the memory.
    var isKnown: Bool { base >= 0 }

    /// The highest memory of the process so far, in KiB, with the tables of the simulation.
    static var peakKB: Int { ProcessMemory()?.peakKB ?? 0 }
}
