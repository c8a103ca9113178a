// SPDX-License-Identifier: MIT
// fetchpool

package import Glibc
package import Platform

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
