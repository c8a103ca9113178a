// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Platform

/// The memory that a simulated crawl has allocated since its set-up, and the peak of the process.
///
/// The simulation allocates its own tables at its set-up, so these tables are not counted. Almost all memory
/// that is counted belongs to the frontier: hosts, tasks with their earlier attempts, and timers.
struct CrawlMemory {
    private let base = clinux_allocated_bytes()
    /// The allocated memory at the last call of `look`, in bytes.
    private(set) var bytes = 0
    /// The most allocated memory of all calls of `look`, in bytes, and the number of hosts that the frontier
    /// remembered at that call.
    private(set) var most = (bytes: 0, hosts: 0)

    /// Measures the memory; `hosts` is the number of hosts that the frontier remembers now.
    mutating func look(hosts: Int) {
        bytes = clinux_allocated_bytes() - base
        if bytes > most.bytes { most = (bytes, hosts) }
    }

    /// True if the C library reports the allocated memory.
    var isKnown: Bool { base >= 0 }

    /// The highest memory of the process so far, in KiB, with the tables of the simulation.
    static var peakKB: Int { ProcessMemory()?.peakKB ?? 0 }
}
