// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The guard that ends the processes that a killed coordinator leaves.
///
/// A hanging worker behind a wrapper, such as `sh -c` or `timeout`, would otherwise live forever. The kernel
/// ends only the wrapper together with the coordinator. A worker that still reads finds the end of its input
/// and exits, but a hanging worker does not read. Programs that workers' tasks have started may also outlive
/// the coordinator.
package enum GroupGuard {
    /// The longest time in which the remaining processes can exit by themselves, in milliseconds.
    private static let patience = 5_000
    /// The time between two checks for remaining groups, in milliseconds.
    private static let pause = 20

    /// Reads the numbers of process groups from descriptor 0, and kills the groups that still exist 5 s after
    /// the end of the input.
    ///
    /// The input ends when the coordinator is gone. Each number is on a line of its own. A `-` before a
    /// number means that the group is gone.
    package static func serve() -> Never {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
        var groups = readGroups()
        // While kill(2) finds a group, the group has a member, so no new group can get its number.
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
