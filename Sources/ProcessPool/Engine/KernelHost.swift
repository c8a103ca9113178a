// SPDX-License-Identifier: MIT
// fetchpool

package import Glibc

/// Runs workers as processes of this machine.
package final class KernelHost: LoopHost {
    /// Ends the loop's sleep, from any thread.
    package let wake: WakePipe
    private let origin = ContinuousClock().now
    private var kernelKills = KernelKills()

    /// A host for one loop, whose sleep `wake` ends.
    package init(wake: WakePipe) {
        self.wake = wake
    }

    package var realTime: Int {
        let (seconds, attoseconds) = (ContinuousClock().now - origin).components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }

    package func start(_ words: [String], showsBacktrace: Bool) throws -> any WorkerLink {
        guard unsafe access(words[0], X_OK) == 0 else { throw PoolError.noSuchProgram(words[0]) }
        return try WorkerProcess(words, showsBacktrace: showsBacktrace, waking: wake)
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
