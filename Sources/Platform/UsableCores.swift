// SPDX-License-Identifier: MIT
// fetchpool

import CLinux

/// The cores that this process may use, within the limits of its CPU affinity and its control groups.
package enum UsableCores {
    /// The number of cores, at least 1; a quota of 1.5 cores counts as 2.
    package static let count: Int = {
        let groups = KernelFile.text(of: "/proc/self/cgroup") ?? ""
        let quotas =
            groupFolders(inGroups: groups).compactMap { folder in
                KernelFile.text(of: folder + "/cpu.max").flatMap(quota(inCPUMax:))
            }
            + groupFoldersV1(inGroups: groups).compactMap { folder in
                // cgroup v1 keeps the quota and the period in two files. A quota of −1 means no limit.
                guard let quota = KernelFile.text(of: folder + "/cpu.cfs_quota_us"),
                    let period = KernelFile.text(of: folder + "/cpu.cfs_period_us")
                else { return nil }
                return Self.quota(inCPUMax: quota + " " + period)
            }
        return max(1, ([Int(clinux_usable_cpus())] + quotas).min() ?? 1)
    }()

    /// Returns the number of cores that a `cpu.max` file (cgroup v2) allows: the quota divided by the period,
    /// rounded up.
    ///
    /// The result is `nil` unless both are positive numbers; the quota `max` means no limit.
    static func quota(inCPUMax text: String) -> Int? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let quota = Int(words[0]), quota > 0, let period = Int(words[1]), period > 0
        else {
            return nil
        }
        return (quota + period - 1) / period
    }

    /// Returns the folder of this process's cgroup (v2), and all its parents up to the mount.
    ///
    /// `groups` is the text of `/proc/self/cgroup`.
    static func groupFolders(inGroups groups: String) -> [String] {
        guard let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else {
            return []
        }
        let names = line.dropFirst(3).split(separator: "/")
        return (0...names.count).reversed().map { count in
            (["/sys/fs/cgroup"] + names.prefix(count)).joined(separator: "/")
        }
    }

    /// Returns the folder of this process's cgroup (v1) with the controller `cpu`, and its parents.
    ///
    /// `groups` is the text of `/proc/self/cgroup`. For a line such as `4:cpu,cpuacct:/docker/1`, the mount
    /// is called `cpu,cpuacct` or `cpu`; the result has the folders for both names.
    static func groupFoldersV1(inGroups groups: String) -> [String] {
        for line in groups.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1].split(separator: ",").contains("cpu") else { continue }
            let names = parts[2].split(separator: "/")
            return Set([String(parts[1]), "cpu"]).sorted().flatMap { mount in
                (0...names.count).reversed().map { count in
                    (["/sys/fs/cgroup", mount] + names.prefix(count).map(String.init)).joined(separator: "/")
                }
            }
        }
        return []
    }
}
