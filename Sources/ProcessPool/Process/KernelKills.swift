// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// A counter of processes in this process's control group that the kernel has killed for lack of memory.
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
    /// `groups` is the text of `/proc/self/cgroup`. The folders are looked up below `root`. A container may
    /// see only its own group, and the mount point is then the folder of this group. So the first folder that
    /// exists is used, from the group's own folder up to the mount point. The folders of v2 are used only if
    /// those of v1 give no count.
    static func counterFile(groups: String = ControlGroups.text, below root: String = "") -> String? {
        let places = [
            (ControlGroups.foldersV1(of: "memory", inGroups: groups), "memory.oom_control"),
            (ControlGroups.folders(inGroups: groups), "memory.events"),
        ]
        for (folders, name) in places {
            guard let folder = folders.first(where: { unsafe access(root + $0, F_OK) == 0 }) else { continue }
            let file = "\(root)\(folder)/\(name)"
            if count(file) != nil { return file }
        }
        return nil
    }
}
