// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import ProcessPool

/// What a worker is like, whatever it is given.
struct Nature {
    /// How it starts.
    enum Boot { case good, fails, hangs, otherVersion, cannotSpawn }

    var boot = Boot.good
    /// From its start to its first line, in nanoseconds.
    var bootTime = 3_000_000
    /// How it ends where its start fails.
    var bootExit = WorkerExit(status: 1)
    /// Tasks that it works on at once; above 1 it may answer in any order.
    var concurrency = 1
    /// Works without a hello.
    var isSilent = false
    /// Has what it is sent read at once, whatever it is doing.
    var readsEagerly = false
    /// Says `start` for each task.
    var saysStart = false
    /// Calls itself what its coordinator trusts: it says `start` for what may not be repeated, and for nothing else.
    var isTrusted = false
    /// Says each second that it lives.
    var beats = true
    /// Says now and again what nobody asked for.
    var isNoisy = false
    var answersTwice = false
    /// Takes its time to give back what it is asked for.
    var isSlowToReturn = false
    /// Ignores SIGTERM.
    var isStubborn = false
    /// Exits with status 0 at SIGTERM.
    var exitsCleanly = false
    /// From SIGTERM to its end, in nanoseconds.
    var timeToDie = 500_000
    /// Ignores `recall`.
    var keepsWhatItHas = false
    /// Ignores `drain`.
    var staysAfterDrain = false
    var saysBye = true
    /// Exits with status 0 after so many nanoseconds, in the middle of whatever it does.
    var leavesAfter: Int?
    /// What it started holds its output open, so that its end is believed 100 ms later.
    var leavesGrandchild = false
}
