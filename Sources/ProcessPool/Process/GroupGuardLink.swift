// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// The connection to the guard, a process that kills workers' process groups after the end of this process.
///
/// The guard may end early, for example because another program kills it. The next line that `announce` or
/// `add` sends then starts a new guard, and the new guard gets all registered groups. All functions are
/// called on the pool thread.
final class GroupGuardLink {
    private let words: [String]
    private let surroundings: WorkerSurroundings
    private let wake: WakePipe
    /// The guard; `nil` if its start has failed, if it is known to have ended, or after `end`.
    private var process: WorkerProcess?
    private var groups: Set<Int32> = []

    /// True if no process group is registered.
    var isIdle: Bool { groups.isEmpty }

    /// Starts the guard, which inherits `environment`.
    ///
    /// If the start fails, the next line that `announce` or `add` sends causes another attempt.
    init(_ words: [String], _ environment: WorkerEnvironment?, waking wake: WakePipe) {
        var surroundings = WorkerSurroundings()
        surroundings.inherited = environment
        (self.words, self.surroundings, self.wake) = (words, surroundings, wake)
        start()
    }

    /// Announces a process group whose number is not known yet; `add` or `forgetAnnounced` comes next.
    ///
    /// - Returns: The value to set for `ShellGuard.variable` in the environment of the new process; `nil` if
    ///   the guard is not a `ShellGuard`, or cannot find processes. The launcher's guard needs no value:
    ///   launched processes end with this process.
    func announce() -> String? {
        // In a /proc of another PID namespace, the guard would find the wrong processes.
        guard words == ShellGuard.words, !ProcessMemory.isUnknownForOthers else { return nil }
        let text = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        tell("?\(text)\n")
        return text
    }

    /// Tells the guard that the announced process has not started.
    func forgetAnnounced() {
        if words == ShellGuard.words { _ = say("?\n") }
    }

    /// Registers a process group to be killed when this process is gone.
    func add(_ group: Int32) {
        tell("\(group)\n")
        groups.insert(group)
    }

    /// Sends a line to the guard; starts a new guard first if there is none or the guard has ended.
    private func tell(_ line: String) {
        if say(line) { return }
        start()
        for group in groups where !say("\(group)\n") { return }
        _ = say(line)
    }

    /// Removes a process group; the system may give its number to another group from now on.
    func remove(_ group: Int32) {
        groups.remove(group)
        _ = say("-\(group)\n")
    }

    /// Ends the guard, and waits for at most a second until it has ended.
    func end() {
        guard let process else { return }
        process.closeInput()
        let deadline = MonotonicClock.milliseconds() + 1_000
        while !process.isReaped, MonotonicClock.milliseconds() < deadline { usleep(500) }
        forget()
    }

    private func start() {
        process = try? WorkerProcess(words, in: surroundings, showsBacktrace: false, waking: wake)
        // Nothing reads what the guard writes.
        process?.closeOutput()
        process?.closeErrors()
    }

    private func forget() {
        guard let process else { return }
        if process.isReaped { process.release() } else { process.abandon() }
        process.closeAll()
        self.process = nil
    }

    /// Sends a line to the guard; returns `false` if there is no guard or the guard has ended.
    ///
    /// A guard that has ended is forgotten.
    private func say(_ line: String) -> Bool {
        guard let process else { return false }
        // A pipe takes either the whole line or nothing, because the line is short (PIPE_BUF of pipe(7)).
        Self.withoutSIGPIPE { _ = process.send(Array(line.utf8).span, from: 0) }
        // The input is closed after an error, but not if the pipe is full.
        if process.input < 0 { forget() }
        return self.process != nil
    }

    /// Calls `body`; a SIGPIPE from `body` does not end this process, whatever the program does with SIGPIPE.
    private static func withoutSIGPIPE(_ body: () -> Void) {
        var (pipe, former, pending) = (sigset_t(), sigset_t(), sigset_t())
        unsafe sigemptyset(&pipe)
        unsafe _ = sigaddset(&pipe, SIGPIPE)
        unsafe _ = pthread_sigmask(SIG_BLOCK, &pipe, &former)
        unsafe sigpending(&pending)
        body()
        // A SIGPIPE that was pending before the call of `body` is not taken from the program.
        if unsafe sigismember(&pending, SIGPIPE) == 0 {
            var none = timespec()
            while unsafe sigtimedwait(&pipe, nil, &none) == SIGPIPE {}
        }
        unsafe _ = pthread_sigmask(SIG_SETMASK, &former, nil)
    }
}
