// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Glibc
import Platform
import PoolWire

/// The set-up that a worker process does itself, because its parent cannot act between fork and exec.
package enum WorkerProcessSetup {
    /// Unblocks all signals, and resets the actions of SIGPIPE, SIGTERM and SIGCHLD.
    ///
    /// This process may have inherited blocked and ignored signals from a thread of the coordinator. SIGINT
    /// is ignored from now on, because the coordinator handles Ctrl-C.
    package static func resetSignals() {
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigprocmask(SIG_SETMASK, &none, nil)
        for number in [SIGPIPE, SIGTERM, SIGCHLD] { signal(number, SIG_DFL) }
        // If SIGINT had a handler, a SIGINT that is sent to all processes would interrupt the waiting calls
        // of tasks, such as poll(2) (signal(7)).
        signal(SIGINT, SIG_IGN)
    }

    /// Lets this process outlive its parent, so that the process can remove its files and end its workers.
    ///
    /// The call undoes `clinux_follow_parent` of the launcher.
    package static func outliveParent() {
        _ = clinux_follow_parent(0)
    }

    /// Exits with status 1, because the coordinator is gone.
    ///
    /// If the process leads its process group, it does not exit: it sends SIGKILL to the whole group,
    /// including itself.
    package static func leaveWithGroup() -> Never {
        if getpgrp() == getpid() { kill(0, SIGKILL) }
        _exit(1)
    }

    /// Ends the process as `leaveWithGroup()` does, because a pipe of the protocol has ended or failed.
    ///
    /// `error` is the errno; 0 at the end of the input. Unless `error` means that the coordinator is gone,
    /// the process first prints what has failed. The coordinator, or a person who runs the worker, may still
    /// read standard error.
    package static func leaveWithGroup(after error: Int32) -> Never {
        switch error {
        case 0, EPIPE, ECONNRESET: break
        case EBADF: standardErrorSays("worker", "a task has closed the worker's descriptors")
        default: standardErrorSays("worker", "the input or the output has failed: \(systemError(error))")
        }
        leaveWithGroup()
    }

    /// Makes the process end as with `leaveWithGroup` if no bytes arrive on `descriptor` for too long.
    ///
    /// The silence after which the process ends is at least `WireLimits.coordinatorSilence`, and at most
    /// twice this time.
    ///
    /// Call `noteHeard` after each read. The kernel measures the time (alarm(2)), because a process whose
    /// connection is lost may wait forever in a write.
    package static func leaveWhenSilent(_ descriptor: Int32) {
        _ = clinux_leave_when_silent(descriptor, UInt32(WireLimits.coordinatorSilence))
    }

    /// Restarts the time that `leaveWhenSilent` measures.
    package static func noteHeard() { clinux_heard() }

    /// Ends the watch of `leaveWhenSilent`: from now on, silence does not end the process.
    package static func stopListening() { clinux_stop_watching() }

    /// Makes the process report a crash in one line on standard error, and leave no core dump.
    ///
    /// The line begins with `worker-died`, and shows the signal, errno and the memory. The process still ends
    /// by the signal of the crash. A stack overflow is reported for this thread, and for threads that called
    /// `clinux_add_signal_stack`.
    package static func prepareForDeath() {
        // If the call fails, only the line is missing.
        _ = clinux_tell_crashes()
        WorkerLimits.forbidCoreDumps()
    }

    /// Returns the resident memory of this process, in KiB; `nil` if it cannot be read.
    package static func residentKB() -> Int? {
        ProcessMemory()?.residentKB
    }
}
