// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform

/// What a worker process does for itself, since nothing can be done between its parent's fork and exec.
package enum WorkerProcessSetup {
    /// Undoes what a coordinator's threads and signal settings leave to their children: a blocked signal
    /// mask, SIGPIPE ignored, and whatever else the coordinator was started with.
    ///
    /// Ctrl-C is the coordinator's to answer, so SIGINT is ignored here.
    package static func resetSignals() {
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigprocmask(SIG_SETMASK, &none, nil)
        for number in [SIGPIPE, SIGTERM, SIGCHLD] { signal(number, SIG_DFL) }
        signal(SIGINT, SIG_IGN)
    }

    /// Lets this process outlive its parent, which a launcher may have tied it to, so that it can tidy up when its input ends.
    package static func outliveParent() {
        _ = clinux_follow_parent(0)
    }

    /// Leaves at once, because the coordinator is gone: nobody is left to answer.
    ///
    /// A worker that leads its process group takes along what its tasks started.
    package static func leaveWithGroup() -> Never {
        if getpgrp() == getpid() { kill(0, SIGKILL) }
        _exit(1)
    }

    /// Lets the process tell on standard error how it died, should it crash, and leave no core dump.
    ///
    /// The line holds the signal, errno and the memory at that moment, which tells out-of-memory from a bug:
    /// `worker-died signal=11 errno=12 data_kb=… limit_kb=… hwm_kb=…`. The process ends by the same signal as without. A stack that
    /// ran out is told for this thread, and others that ask for it.
    package static func prepareForDeath() {
        // Without it only the line is missing.
        _ = clinux_tell_crashes()
        WorkerLimits.forbidCoreDumps()
    }

    /// The memory in use, in kB; `nil` where it cannot be read.
    package static func residentKB() -> Int? {
        ProcessMemory()?.residentKB
    }
}
