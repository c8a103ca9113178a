// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// Our end of the process that kills what is left of workers' process groups should this coordinator be killed itself.
///
/// Everything is called on the pool thread. Where the process cannot be started, or does not read, nothing else suffers.
final class GroupGuardLink {
    private let process: WorkerProcess

    /// Starts it; `nil` where that fails.
    init?(_ words: [String], waking wake: WakePipe) {
        guard let process = try? WorkerProcess(words, showsBacktrace: false, waking: wake) else { return nil }
        self.process = process
        // It has nothing to say, and ends when its input does.
        process.closeOutput()
        process.closeErrors()
    }

    /// Has a process group ended with this process.
    func add(_ group: Int32) { say("\(group)\n") }

    /// Forgets a process group, whose number may be another one's from now on.
    func remove(_ group: Int32) { say("-\(group)\n") }

    private func say(_ line: String) {
        // A line is far shorter than what a pipe takes whole or not at all (PIPE_BUF of pipe(7)).
        _ = process.send(Array(line.utf8).span, from: 0)
    }
}
