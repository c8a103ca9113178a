// SPDX-License-Identifier: MIT
// fetchpool

import CLinux

/// The memory of a process in KiB, from `/proc/…/status` (proc(5)); 0 for a value that the file lacks.
package struct ProcessMemory: Hashable, Sendable {
    /// The memory in use now: VmRSS.
    package let residentKB: Int
    /// The highest memory in use so far: VmHWM.
    package let peakKB: Int
    /// The memory that RLIMIT_DATA counts: VmData, the private writable memory without the main stack, used
    /// or not.
    package let dataKB: Int

    /// Reads the memory of process `pid`, 0 for this process.
    ///
    /// Returns `nil` if the file cannot be read, or if no memory of the process is in use, as with a zombie.
    /// Also returns `nil` for another process if `isUnknownForOthers` is true.
    package init?(of pid: Int32 = 0) {
        var memory = clinux_memory()
        guard unsafe clinux_read_memory(pid, &memory) == 0, memory.resident > 0 else { return nil }
        (residentKB, peakKB, dataKB) = (memory.resident, memory.peak, memory.data)
    }

    /// True if `/proc` belongs to another PID namespace, in which a PID names another process than here.
    package static var isUnknownForOthers: Bool { clinux_proc_is_foreign() == 1 }
}
