// SPDX-License-Identifier: MIT
// fetchpool

/// The folders of this process's control groups below `/sys/fs/cgroup` (cgroups(7)).
package enum ControlGroups {
    /// The text of `/proc/self/cgroup`; empty if the file cannot be read.
    package static var text: String { KernelFile.text(of: "/proc/self/cgroup") ?? "" }

    /// Returns the folder of this process's cgroup (v2), and all its parent folders up to the mount.
    ///
    /// `groups` is the text of `/proc/self/cgroup`. If the text has no line for v2, the result is empty.
    package static func folders(inGroups groups: String) -> [String] {
        guard let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else {
            return []
        }
        let names = line.dropFirst(3).split(separator: "/")
        return (0...names.count).reversed().map { count in
            (["/sys/fs/cgroup"] + names.prefix(count)).joined(separator: "/")
        }
    }

    /// Returns the folder of this process's cgroup (v1) with a controller such as `cpu`, and all its parent
    /// folders up to the mount.
    ///
    /// `groups` is the text of `/proc/self/cgroup`. For a line such as `4:cpu,cpuacct:/docker/1`, the mount
    /// is called `cpu,cpuacct` or `cpu`; the result has the folders for both names. If no line has the
    /// controller, the result is empty.
    package static func foldersV1(of controller: String, inGroups groups: String) -> [String] {
        for line in groups.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1].split(separator: ",").contains(controller[...]) else { continue }
            let names = parts[2].split(separator: "/")
            return Set([String(parts[1]), controller]).sorted().flatMap { mount in
                (0...names.count).reversed().map { count in
                    (["/sys/fs/cgroup", mount] + names.prefix(count).map(String.init)).joined(separator: "/")
                }
            }
        }
        return []
    }
}
