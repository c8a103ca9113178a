// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// The properties of a worker, independent of its tasks.
struct Nature {
    /// The outcome of its start.
    enum Boot { case good, fails, hangs, otherVersion, cannotSpawn }

    var boot = Boot.good
    /// The time from its start to its first line, in nanoseconds.
    var bootTime = 3_000_000
    /// Its exit if the start fails.
    var bootExit = WorkerExit(status: 1)
    /// The number of tasks that it works on at once; above 1 it may send results in any order.
    var concurrency = 1
    /// True if it works without a hello.
    var isSilent = false
    /// True if its input is read at once, even while it works.
    var readsEagerly = false
    /// True if it says `start` for each task, or, if it is trusted, for tasks that must not be repeated.
    var saysStart = false
    /// True if it has a trusted name.
    var isTrusted = false
    /// True if it beats each second.
    var beats = true
    /// True if it sometimes sends lines that nobody requested.
    var isNoisy = false
    var answersTwice = false
    /// True if it is slow to return recalled tasks.
    var isSlowToReturn = false
    /// True if it ignores SIGTERM.
    var isStubborn = false
    /// True if it exits with status 0 at SIGTERM.
    var exitsCleanly = false
    /// The time from SIGTERM to its end, in nanoseconds.
    var timeToDie = 500_000
    /// True if it ignores `recall`.
    var keepsWhatItHas = false
    /// True if it ignores `drain`.
    var staysAfterDrain = false
    var saysBye = true
    /// The time after which it exits with status 0, in the middle of its work, in nanoseconds; `nil` for
    /// never.
    var leavesAfter: Int?
    /// True if a child holds its output open, so that the pool accepts its end only 100 ms later.
    var leavesGrandchild = false
}
