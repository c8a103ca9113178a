// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// The properties of a worker that do not depend on its tasks.
struct Nature {
    /// The outcome of the worker's start.
    enum Boot { case good, fails, hangs, otherVersion, cannotSpawn }

    var boot = Boot.good
    /// The time from the worker's start to the end of its boot, in nanoseconds.
    ///
    /// At this time, a good worker says `hello` (unless `isSilent` is true), and begins to work. A worker of
    /// another version announces its version, and a worker whose start fails exits. Other workers do not use
    /// the value.
    var bootTime = 3_000_000
    /// The exit of the worker if its start fails.
    var bootExit = WorkerExit(status: 1)
    /// The number of tasks that the worker works on at the same time; above 1, results may come in any order.
    var concurrency = 1
    /// True if the worker works without a `hello`.
    var isSilent = false
    /// True if the worker's input is read at once, even while the worker works.
    var readsEagerly = false
    /// True if the worker says `start`.
    ///
    /// A trusted worker says `start` only for tasks that must not be repeated. A worker without a trusted
    /// name says `start` for each task.
    var saysStart = false
    /// True if the worker has a trusted name.
    var isTrusted = false
    /// True if the worker is a child coordinator, which ends each of its tasks by itself.
    var isCoordinator = false
    /// True if the worker sends a beat each second.
    var beats = true
    /// True if the worker sometimes sends unexpected lines.
    var isNoisy = false
    /// True if the worker sometimes writes a result twice.
    var repeatsResults = false
    /// True if the worker returns recalled tasks slowly.
    var isSlowToReturn = false
    /// True if the worker ignores SIGTERM.
    var isStubborn = false
    /// True if the worker exits with status 0 at SIGTERM.
    var exitsCleanly = false
    /// The time from SIGTERM to the worker's end, in nanoseconds, unless `isStubborn` is true.
    var timeToDie = 500_000
    /// True if the worker ignores `recall`.
    var keepsWhatItHas = false
    /// True if the worker ignores `drain`.
    var staysAfterDrain = false
    /// True if the worker says `bye` before it exits after `drain`.
    var saysBye = true
    /// The time from the worker's start to its exit with status 0, in nanoseconds; `nil` for no such exit.
    ///
    /// The worker exits even during a task.
    var leavesAfter: Int?
    /// True if a child holds the worker's output open, so that the pool accepts the worker's end only 100 ms
    /// after the worker's exit.
    var leavesGrandchild = false
}
