// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform
import PoolWire

/// The set-up that a worker process does itself, because its parent cannot do it between fork and exec.
package enum WorkerProcessSetup {
    /// Resets the signal settings that a coordinator's threads leave to their children, such as a blocked
    /// mask.
    ///
    /// SIGINT is ignored here, because the coordinator handles Ctrl-C.
    package static func resetSignals() {
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigprocmask(SIG_SETMASK, &none, nil)
        for number in [SIGPIPE, SIGTERM, SIGCHLD] { signal(number, SIG_DFL) }
        signal(SIGINT, SIG_IGN)
    }

    /// Lets this process outlive its parent, even if the launcher has set that the kernel ends both together.
    ///
    /// When its input ends, the process can then remove its files and end its workers.
    package static func outliveParent() {
        _ = clinux_follow_parent(0)
    }

    /// Exits at once, because the coordinator is gone.
    ///
    /// A worker that leads its process group also kills the processes that its tasks started.
    package static func leaveWithGroup() -> Never {
        if getpgrp() == getpid() { kill(0, SIGKILL) }
        _exit(1)
    }

    /// Has the process leave as `leaveWithGroup` does when nothing has come on `descriptor` for too long
    /// (`WireLimits.coordinatorSilence`).
    ///
    /// Call `noteHeard` after each read. The kernel's alarm clock watches (alarm(2)), because a process on a lost
    /// connection may wait forever for room to write.
    package static func leaveWhenSilent(_ descriptor: Int32) {
        _ = clinux_leave_when_silent(descriptor, UInt32(WireLimits.coordinatorSilence))
    }

    /// Starts the time of `leaveWhenSilent` again.
    package static func noteHeard() { clinux_heard() }

    /// Ends the watch of `leaveWhenSilent`, because nothing more will come.
    package static func stopListening() { clinux_stop_watching() }

    /// Makes the process report a crash on standard error, and leave no core dump.
    ///
    /// An example of the line is `worker-died signal=11 errno=12 data_kb=… limit_kb=… hwm_kb=…`. The line
    /// holds the signal, errno and the memory at that moment. These values show if a lack of memory caused
    /// the crash. The process still ends by the same signal. A stack overflow is reported for this thread,
    /// and for threads that called `clinux_add_signal_stack`.
    package static func prepareForDeath() {
        // If the call fails, only the line is missing.
        _ = clinux_tell_crashes()
        WorkerLimits.forbidCoreDumps()
    }

    /// Returns the memory in use, in kB; `nil` if it cannot be read.
    package static func residentKB() -> Int? {
        ProcessMemory()?.residentKB
    }
}
