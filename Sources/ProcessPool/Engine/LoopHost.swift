// SPDX-License-Identifier: MIT
// fetchpool

package import Glibc
package import Platform
package import PoolWire

/// What a loop stands on: where its workers are started, how it sleeps, and what time it is.
///
/// The kernel is one; a simulation is the other, with a clock of its own and no process, so that the loop itself is run
/// through every fault. Everything is called on the pool thread.
package protocol LoopHost: AnyObject {
    /// Nanoseconds of a clock that never stops, from an origin of its own.
    var realTime: Int { get }
    /// Starts the program that comes first in `words`, with the others as its arguments.
    ///
    /// - Throws: `PoolError` if no other try can help.
    func start(_ words: [String], showsBacktrace: Bool) throws -> any WorkerLink
    /// Sleeps as poll(2) does, for `milliseconds` at most (−1 for ever), or until somebody wakes the loop.
    ///
    /// It changes `revents` of `entries`, and nothing else.
    func sleep(_ entries: inout [pollfd], milliseconds: Int32)
    /// Does nothing for about `nanoseconds`, whoever calls.
    func rest(nanoseconds: Int)
    /// Whether the kernel has killed one more process of ours for want of memory since this was last asked with that answer.
    func takeKernelKill() -> Bool
}

/// One worker's process as the loop drives it: bytes in, bytes out, signals, an end.
///
/// A descriptor is −1 once it is closed.
package protocol WorkerLink: AnyObject {
    /// Its process id, which is its process group's too.
    var pid: Int32 { get }
    /// Its standard input, to write to.
    var input: Int32 { get }
    /// Its standard output, to read.
    var output: Int32 { get }
    /// Its standard error, to read.
    var errors: Int32 { get }
    /// Polls readable once the process has ended; −1 where the kernel does not offer it.
    var pidfd: Int32 { get }
    /// Sends `bytes` from `start` on, as much as the pipe takes now; returns how many it took.
    ///
    /// Where nobody reads any more, the input is closed.
    func send(_ bytes: Span<UInt8>, from start: Int) -> Int
    /// The bytes sent that lie in the pipe because the worker has not read them; 0 where nobody can say.
    var unreadInput: Int { get }
    /// Reads standard output once into `framer`.
    func readOutput(into framer: inout LineFramer) -> ReadResult
    /// Reads standard error once; `nil` at its end.
    func readErrors() -> [UInt8]?
    /// Sends a signal to the worker's process group.
    func signalGroup(_ number: Int32)
    /// How the process ended; `nil` while that is not known.
    func exitStatus() -> WorkerExit?
    /// Whether the process is gone from the process table, so that `release` will not wait.
    var isReaped: Bool { get }
    /// Lets go of what the process held of ours.
    ///
    /// Call it once `isReaped`.
    func release()
    /// The memory it holds resident and the most that it ever held, in KiB; `nil` where nobody can say.
    func memory() -> (residentKB: Int?, peakKB: Int?)
    func closeInput()
    func closeOutput()
    func closeErrors()
    /// Closes everything that is still open.
    func closeAll()
}

/// What a read found.
package enum ReadResult: Sendable {
    /// As much as it had room for; there may be more.
    case full
    /// All that was there.
    case some
    /// Nothing; it may come yet.
    case nothing
    /// Nothing, and nothing will come.
    case end
}

/// Runs workers as processes of this machine.
package final class KernelHost: LoopHost {
    /// Ends the loop's sleep, from any thread.
    package let wake: WakePipe
    private let origin = ContinuousClock().now
    private var kernelKills = KernelKills()
    /// The program that stands before the words of workers that are not ours, and that guards what they leave.
    private let launcher: String?
    /// Begun with the first worker that is not ours; those that are end by themselves.
    private lazy var groupGuard = launcher.flatMap { GroupGuardLink([$0, "--guard"], waking: wake) }

    /// A host for one loop, whose sleep `wake` ends.
    ///
    /// A process that `launcher` launches is ended with all its process group should this process be killed.
    package init(wake: WakePipe, launcher: String? = nil) {
        (self.wake, self.launcher) = (wake, launcher)
    }

    package var realTime: Int {
        let (seconds, attoseconds) = (ContinuousClock().now - origin).components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }

    package func start(_ words: [String], showsBacktrace: Bool) throws -> any WorkerLink {
        guard unsafe access(words[0], X_OK) == 0 else { throw PoolError.noSuchProgram(words[0]) }
        let isLaunched = words[0] == launcher && words.dropFirst().first == "--launch"
        return try WorkerProcess(
            words,
            showsBacktrace: showsBacktrace,
            waking: wake,
            groupGuard: isLaunched ? groupGuard : nil
        )
    }

    package func sleep(_ entries: inout [pollfd], milliseconds: Int32) {
        entries.append(pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0))
        // poll(2) writes `revents` of the entries it is given, and nothing else.
        unsafe _ = poll(&entries, nfds_t(entries.count), milliseconds)
        if entries.removeLast().revents != 0 { wake.clear() }
    }

    package func rest(nanoseconds: Int) {
        var time = timespec(tv_sec: 0, tv_nsec: nanoseconds)
        // A signal may cut it short, and is heeded then.
        unsafe _ = nanosleep(&time, nil)
    }

    package func takeKernelKill() -> Bool { kernelKills.takeOne() }
}
