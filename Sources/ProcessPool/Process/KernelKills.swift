// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// A counter of processes in this control group that the kernel has killed for lack of memory.
///
/// The count is `oom_kill` of `memory.events` in cgroup v2, and of `memory.oom_control` in v1. The kernel's
/// documents cgroup-v2.rst and memory.rst describe these files.
struct KernelKills: Sendable {
    private let file: String?
    private var seen: Int

    init() {
        let file = Self.counterFile()
        self.file = file
        seen = file.flatMap(Self.count) ?? 0
    }

    /// Returns `true` once for each process that the kernel has killed since this object was created.
    mutating func takeOne() -> Bool {
        guard let count = file.flatMap(Self.count), count > seen else { return false }
        seen += 1
        return true
    }

    private static func count(_ file: String) -> Int? {
        KernelFile.text(of: file).flatMap(number(ofKillsIn:))
    }

    /// Returns the number in the line of the key `oom_kill`, such as 3 in `oom_kill 3`; `nil` if there is no
    /// such line.
    static func number(ofKillsIn text: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line.flatMap { Int($0.dropFirst("oom_kill ".count)) }
    }

    /// Returns the path of the file with the count; `nil` if there is none.
    ///
    /// `/proc/self/cgroup` has lines such as `0::/user.slice` (v2) and `7:memory:/docker/1` (v1).
    private static func counterFile() -> String? {
        guard let groups = KernelFile.text(of: "/proc/self/cgroup") else { return nil }
        for line in groups.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let file =
                parts[1].isEmpty
                ? "/sys/fs/cgroup\(parts[2])/memory.events"
                : "/sys/fs/cgroup/memory\(parts[2])/memory.oom_control"
            let isMemory = parts[1].isEmpty || parts[1].split(separator: ",").contains("memory")
            if isMemory, count(file) != nil { return file }
        }
        return nil
    }
}
