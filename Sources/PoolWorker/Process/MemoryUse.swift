// SPDX-License-Identifier: MIT
// fetchpool

import CLinux

/// The memory of this process, in kB, as `/proc/self/status` tells it (proc(5)).
package struct MemoryUse: Hashable, Sendable {
    /// What is in memory now: VmRSS.
    package let residentKB: Int
    /// The most that was ever in memory: VmHWM.
    package let peakKB: Int
    /// What RLIMIT_DATA counts: VmData, all that is private and writable, used or not.
    package let dataKB: Int

    /// Reads it; `nil` where it cannot be read.
    package static func now() -> MemoryUse? {
        var memory = clinux_memory()
        guard unsafe clinux_read_memory(&memory) == 0 else { return nil }
        return MemoryUse(residentKB: memory.resident, peakKB: memory.peak, dataKB: memory.data)
    }
}
