// SPDX-License-Identifier: MIT
// fetchpool

import CLinux

/// The limit on the memory of all processes in this process's control group.
package enum MemoryLimit {
    /// Returns the smallest limit in bytes of this process's control group and of the group's parents; `nil`
    /// if no limit is found.
    ///
    /// The limit also covers the pages of files in a tmpfs (cgroup-v2.rst, memory.rst of the kernel).
    package static func current() -> Int? {
        let groups = ControlGroups.text
        let files =
            ControlGroups.folders(inGroups: groups).map { $0 + "/memory.max" }
            + ControlGroups.foldersV1(of: "memory", inGroups: groups).map { $0 + "/memory.limit_in_bytes" }
        return files.compactMap { KernelFile.text(of: $0).flatMap(bytes(in:)) }.min()
    }

    /// Returns the number of bytes in `memory.max` or `memory.limit_in_bytes`; `nil` for a text such as
    /// `max`, and for a number that stands for no limit.
    static func bytes(in text: String) -> Int? {
        // Without a limit, cgroup v1 shows the largest Int64, rounded down to a whole page.
        guard let number = text.split(whereSeparator: \.isWhitespace).first.flatMap({ Int($0) }) else {
            return nil
        }
        return number >= 0 && number < Int.max - (64 << 10) ? number : nil
    }
}

extension OpenFolder {
    /// True if the folder is on a tmpfs or a ramfs, whose files take memory.
    package var isInMemory: Bool { clinux_is_in_memory(descriptor) == 1 }
}
