// SPDX-License-Identifier: MIT
// fetchpool

import Platform

/// How many processes of our control group the kernel has killed for want of memory: `oom_kill` of `memory.events` in
/// cgroup v2, of `memory.oom_control` in v1 (the kernel's cgroup-v2 and memory.rst).
struct KernelKills: Sendable {
    private let file: String?
    private var seen: Int

    init() {
        let file = Self.counterFile()
        self.file = file
        seen = file.flatMap(Self.count) ?? 0
    }

    /// Whether the kernel has killed one more since this was last asked with that answer.
    mutating func takeOne() -> Bool {
        guard let count = file.flatMap(Self.count), count > seen else { return false }
        seen += 1
        return true
    }

    private static func count(_ file: String) -> Int? {
        KernelFile.text(of: file).flatMap(number(ofKillsIn:))
    }

    /// The number in the line `oom_kill 3` of a text of such lines.
    static func number(ofKillsIn text: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line.flatMap { Int($0.dropFirst("oom_kill ".count)) }
    }

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
