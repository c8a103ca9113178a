// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Ends what a coordinator that was killed leaves behind: a worker behind a wrapper, such as `sh -c` or `timeout`, that hangs, and
/// what the tasks of workers have started.
///
/// The kernel ends the wrapper with its coordinator, and a worker that reads finds the end of its input. One that reads no more would
/// live on for ever.
package enum GroupGuard {
    /// The time that workers that are left have to find the end of its input and to tidy up, in milliseconds.
    private static let patience = 5_000
    private static let pause = 20

    /// Reads the numbers of process groups from descriptor 0, and kills what lives of them at its end, which is the coordinator's.
    ///
    /// Each number stands in a line of its own, with a `-` before one that is gone.
    package static func serve() -> Never {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
        var groups = readGroups()
        // Some member lives for as long as there is an answer, and until then nobody else gets the number.
        for _ in 0..<patience / pause {
            groups = groups.filter { kill(-$0, 0) == 0 }
            guard !groups.isEmpty else { break }
            usleep(useconds_t(pause * 1_000))
        }
        for group in groups { kill(-group, SIGKILL) }
        _exit(0)
    }

    private static func readGroups() -> Set<pid_t> {
        var groups: Set<pid_t> = []
        while let line = readLine() {
            guard let number = pid_t(line), abs(number) > 1 else { continue }
            if number > 0 { groups.insert(number) } else { groups.remove(-number) }
        }
        return groups
    }
}
