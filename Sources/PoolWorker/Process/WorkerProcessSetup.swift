// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// What a worker process does for itself, since nothing can be done between its parent's fork and exec.
package enum WorkerProcessSetup {
    /// Undoes what a coordinator's threads and signal settings leave to their children: a blocked signal
    /// mask, and SIGPIPE ignored.
    ///
    /// Ctrl-C is the coordinator's to answer, so SIGINT is ignored here.
    package static func resetSignals() {
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigprocmask(SIG_SETMASK, &none, nil)
        signal(SIGPIPE, SIG_DFL)
        signal(SIGINT, SIG_IGN)
    }

    /// Leaves at once, because the coordinator is gone: nobody is left to answer.
    ///
    /// A worker that leads its process group takes along what its tasks started.
    package static func leaveWithGroup() -> Never {
        if getpgrp() == getpid() { kill(0, SIGKILL) }
        _exit(1)
    }

    /// The memory in use, in kB, from `/proc/self/statm` (proc(5)); `nil` where that cannot be read.
    package static func residentKB() -> Int? {
        let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = unsafe read(file, &text, text.count)
        guard count > 0 else { return nil }
        let numbers = text[..<count].split(separator: UInt8(ascii: " "))
        guard numbers.count > 1, let pages = Int(String(decoding: numbers[1], as: UTF8.self)) else {
            return nil
        }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE))) / 1024
    }
}
