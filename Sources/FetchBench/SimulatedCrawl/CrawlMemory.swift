// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Platform

/// The memory allocated since a simulated crawl was set up, and the peak of the process.
///
/// The tables of the simulation are allocated earlier, so almost all of this memory belongs to the frontier.
struct CrawlMemory {
    private let base = clinux_allocated_bytes()
    /// The allocated memory at the last call of `look` minus the allocated memory at the set-up, in bytes.
    private(set) var bytes = 0
    /// The largest value of `bytes` so far, and the number of remembered hosts at that time.
    private(set) var most = (bytes: 0, hosts: 0)

    /// Measures the memory; `hosts` is the number of hosts that the frontier remembers now.
    mutating func look(hosts: Int) {
        bytes = clinux_allocated_bytes() - base
        if bytes > most.bytes { most = (bytes, hosts) }
    }

    /// True if the C library reports the allocated memory.
    var isKnown: Bool { base >= 0 }

    /// The peak memory of the process, in KiB; 0 if it is not known.
    static var peakKB: Int { ProcessMemory()?.peakKB ?? 0 }
}
