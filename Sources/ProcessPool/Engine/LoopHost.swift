// SPDX-License-Identifier: MIT
// fetchpool

package import Glibc
package import Platform
package import PoolWire

/// The system below a pool loop (`PoolLoop`): it starts workers, sleeps, and reads the clock.
///
/// `KernelHost` uses the kernel. A simulation has its own clock and no processes, and tests the loop with
/// many faults. All functions are called on the loop's thread.
package protocol LoopHost: AnyObject {
    /// The time of a clock that never stops, in nanoseconds from an origin of its own.
    var realTime: Int { get }
    /// Starts the program `words[0]`, with the other words as its arguments.
    ///
    /// If `showsBacktrace` is true, Swift's runtime is asked to print a backtrace after a crash.
    ///
    /// - Throws: `PoolError` if another attempt cannot help; any other error if another attempt may help.
    func start(
        _ words: [String],
        in surroundings: WorkerSurroundings,
        showsBacktrace: Bool
    ) throws -> any WorkerLink
    /// Sleeps as poll(2) does, for `milliseconds` at most (−1 is no limit), or until the loop is woken.
    ///
    /// The function changes `revents` of `entries`, and nothing else.
    func sleep(_ entries: inout [pollfd], milliseconds: Int32)
    /// Pauses for about `nanoseconds`, even if the loop is woken; a signal ends the pause.
    func rest(nanoseconds: Int)
    /// Returns `true` once for each process that the kernel has killed for lack of memory (`KernelKills`).
    func takeKernelKill() -> Bool
    /// Tells the host that a pool was removed, or that the loop has ended.
    ///
    /// If no worker is left, the host can end the processes that it keeps for workers.
    func poolLeft()
}

extension LoopHost {
    /// Does nothing.
    package func poolLeft() {}
}

/// A worker's process: its pipes, signals to it, and its end.
///
/// A descriptor is −1 once it is closed.
package protocol WorkerLink: AnyObject {
    /// The process id, which is also the id of the process group.
    var pid: Int32 { get }
    /// The worker's standard input, to write to.
    var input: Int32 { get }
    /// The worker's standard output, to read from.
    var output: Int32 { get }
    /// The worker's standard error, to read from.
    var errors: Int32 { get }
    /// A descriptor that becomes readable when the process has ended; −1 if the kernel does not offer it.
    var pidfd: Int32 { get }
    /// Sends as many bytes as the pipe takes now, from the index `start` on; returns the number of bytes
    /// sent.
    ///
    /// If the pipe fails, for example because the reader is gone, the input is closed.
    func send(_ bytes: Span<UInt8>, from start: Int) -> Int
    /// The number of bytes in the pipe that the worker has not read; 0 if it is not known.
    ///
    /// After the input is closed, this is the number at the time of closing.
    var unreadInput: Int { get }
    /// Reads the next bytes of the worker's output into `framer`.
    func readOutput(into framer: inout LineFramer) -> ReadResult
    /// The number of bytes that `readOutput` has read.
    var receivedBytes: Int { get }
    /// The number of bytes of output that the worker is known to have produced; at least `receivedBytes`.
    ///
    /// A worker can produce bytes before it writes them to its standard output (`OutputTail`).
    var finishedBytes: Int { get }
    /// Reads standard error once; returns `nil` at its end or after an error, and no bytes if none are
    /// available now.
    func readErrors() -> [UInt8]?
    /// Sends a signal to the worker's process group.
    func signalGroup(_ number: Int32)
    /// Returns how the process ended; `nil` while this is not known.
    func exitStatus() -> WorkerExit?
    /// True if the process is gone from the process table, so that `release` does not wait.
    var isReaped: Bool { get }
    /// Releases the resources of the process.
    ///
    /// Call this function only after `isReaped` has become true.
    func release()
    /// Releases the resources later, when the process is gone from the process table.
    ///
    /// Call this function instead of `release` if the loop does not wait for `isReaped`.
    func abandon()
    /// Returns the resident memory and its highest value so far, in KiB; `nil` for a value that is not known.
    func memory() -> (residentKB: Int?, peakKB: Int?)
    /// Closes the coordinator's end of the worker's standard input.
    func closeInput()
    /// Closes the coordinator's end of the worker's standard output.
    func closeOutput()
    /// Closes the coordinator's end of the worker's standard error.
    func closeErrors()
    /// Closes everything that is still open.
    func closeAll()
}

extension WorkerLink {
    /// The value of `receivedBytes`, for a worker that writes each result immediately.
    package var finishedBytes: Int { receivedBytes }
}

/// The outcome of a read.
package enum ReadResult: Sendable {
    /// The read filled the buffer; more bytes may be available.
    case full
    /// The read took all bytes that were available.
    case some
    /// The read gave no bytes, because none are available or a signal came; more bytes may come.
    case nothing
    /// No more bytes will come, because the stream has ended or a read has failed.
    case end
}

/// A host that runs workers as processes of this machine.
package final class KernelHost: LoopHost {
    /// The pipe with which any thread can end the loop's sleep.
    package let wake: WakePipe
    private let origin = ContinuousClock().now
    private var kernelKills = KernelKills()
    /// The program that starts workers (`--launch`, see `WorkerCommand.launcher`) and guards their process
    /// groups (`--guard`); `nil` if there is none.
    private let launcher: String?
    /// The guard of process groups (see `init`); `nil` until a worker needs a guard, and after `endIdleGuard`
    /// has ended the guard.
    private var groupGuard: GroupGuardLink?
    private var hasTriedGuard = false

    /// Creates a host for one loop; `wake` ends the loop's sleep.
    ///
    /// A guard ends the process groups of workers if this process is killed. It guards the workers that
    /// `launcher` has started, and workers with `WorkerSurroundings.endsWithParent`. The guard is the program
    /// `launcher`, or a shell if `launcher` is `nil`.
    package init(wake: WakePipe, launcher: String? = nil) {
        (self.wake, self.launcher) = (wake, launcher)
    }

    package var realTime: Int {
        let (seconds, attoseconds) = (ContinuousClock().now - origin).components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }

    package func start(
        _ words: [String],
        in surroundings: WorkerSurroundings,
        showsBacktrace: Bool
    ) throws -> any WorkerLink {
        let program = ThisProgram.start(of: words[0])
        // The caller has replaced each name that it found in `PATH` by a path. So a name without a slash was
        // not found. A file with this name in the current folder does not count.
        guard program.contains("/"), SystemPath.program(program) != nil else {
            throw PoolError.noSuchProgram(words[0])
        }
        let isLaunched = words[0] == launcher && words.dropFirst().first == "--launch"
        return try WorkerProcess(
            [program] + words.dropFirst(),
            in: surroundings,
            showsBacktrace: showsBacktrace,
            waking: wake,
            groupGuard: isLaunched || surroundings.endsWithParent ? startGuard(surroundings) : nil
        )
    }

    /// Returns the guard, after starting it if there is none.
    ///
    /// A new guard inherits the same environment as a worker with `surroundings`.
    @discardableResult func startGuard(_ surroundings: WorkerSurroundings) -> GroupGuardLink? {
        if !hasTriedGuard {
            hasTriedGuard = true
            let words = launcher.map { [$0, "--guard"] } ?? ShellGuard.words
            groupGuard = GroupGuardLink(words, surroundings.inherited, waking: wake)
        }
        return groupGuard
    }

    /// Ends the guard if it guards no process group; the next worker that needs a guard gets a new one.
    package func endIdleGuard() {
        guard let groupGuard, groupGuard.isIdle else { return }
        groupGuard.end()
        (self.groupGuard, hasTriedGuard) = (nil, false)
    }

    package func sleep(_ entries: inout [pollfd], milliseconds: Int32) {
        entries.append(pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0))
        // poll(2) writes `revents` of the given entries, and nothing else.
        unsafe _ = poll(&entries, nfds_t(entries.count), milliseconds)
        if entries.removeLast().revents != 0 { wake.clear() }
    }

    package func rest(nanoseconds: Int) {
        var time = timespec(tv_sec: 0, tv_nsec: nanoseconds)
        // The pause is not resumed after a signal, so that the signal is handled soon.
        unsafe _ = nanosleep(&time, nil)
    }

    package func takeKernelKill() -> Bool { kernelKills.takeOne() }
}
