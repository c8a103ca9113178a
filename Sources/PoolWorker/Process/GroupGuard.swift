// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The guard: a process that kills the workers' process groups if they outlive the coordinator.
///
/// The kernel ends a wrapper, such as `sh -c`, together with the coordinator, but not the worker that the
/// wrapper has started. Without the guard, a worker that hangs would then live forever.
package enum GroupGuard {
    /// The time for the groups to end by themselves, in milliseconds.
    private static let patience = 5_000
    /// The time between two checks, in milliseconds.
    private static let pause = 20

    /// Reads process group numbers from descriptor 0; kills the groups that remain 5 s after the input's end.
    ///
    /// The input ends when the coordinator is gone. Each number is on a line of its own. A `-` before a
    /// number means that the group is gone.
    package static func serve() -> Never {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
        var groups = readGroups()
        // While kill(2) finds a group, no new group can get the same number.
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
            guard let number = pid_t(line), number.magnitude > 1 else { continue }
            if number > 0 { groups.insert(number) } else { groups.remove(0 &- number) }
        }
        return groups
    }
}
