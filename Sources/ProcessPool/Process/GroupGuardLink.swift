// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// The connection to the guard, a process that kills workers' process groups after the end of this process.
///
/// All functions are called on the pool thread.
final class GroupGuardLink {
    private let process: WorkerProcess
    private var groups = 0

    /// True if no process group is registered.
    var isIdle: Bool { groups == 0 }

    /// Starts the guard; returns `nil` if the start fails.
    init?(_ words: [String], waking wake: WakePipe) {
        guard let process = try? WorkerProcess(words, showsBacktrace: false, waking: wake) else { return nil }
        self.process = process
        // Nothing reads what the guard writes.
        process.closeOutput()
        process.closeErrors()
    }

    /// Registers a process group to be killed when this process is gone.
    func add(_ group: Int32) {
        groups += 1
        say("\(group)\n")
    }

    /// Removes a process group, whose number may be reused from now on.
    func remove(_ group: Int32) {
        groups -= 1
        say("-\(group)\n")
    }

    /// Ends the guard, and waits for at most a second until it has ended.
    func end() {
        process.closeInput()
        let deadline = MonotonicClock.milliseconds() + 1_000
        while !process.isReaped, MonotonicClock.milliseconds() < deadline { usleep(500) }
        if process.isReaped { process.release() } else { process.abandon() }
        process.closeAll()
    }

    private func say(_ line: String) {
        // A pipe takes either the whole line or nothing, because the line is short (PIPE_BUF of pipe(7)).
        _ = process.send(Array(line.utf8).span, from: 0)
    }
}
