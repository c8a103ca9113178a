// SPDX-License-Identifier: MIT
// fetchpool

import CLinux

/// The memory of a process, in KiB, as `/proc/…/status` tells it (proc(5)).
package struct ProcessMemory: Hashable, Sendable {
    /// The memory in use now: VmRSS.
    package let residentKB: Int
    /// The most that was ever in memory: VmHWM.
    package let peakKB: Int
    /// The memory that RLIMIT_DATA counts: VmData, all that is private and writable, used or not.
    package let dataKB: Int

    /// Reads that of process `pid`, 0 for this one; returns `nil` where it cannot be read.
    package init?(of pid: Int32 = 0) {
        var memory = clinux_memory()
        guard unsafe clinux_read_memory(pid, &memory) == 0 else { return nil }
        (residentKB, peakKB, dataKB) = (memory.resident, memory.peak, memory.data)
    }
}
