// SPDX-License-Identifier: MIT
// fetchpool

import CLinux

/// The cores that this process may use, within the limits of its CPU affinity and its control groups.
package enum UsableCores {
    /// The number of cores, at least 1; a quota of 1.5 cores counts as 2.
    package static let count: Int = {
        let groups = ControlGroups.text
        let quotas =
            ControlGroups.folders(inGroups: groups).compactMap { folder in
                KernelFile.text(of: folder + "/cpu.max").flatMap(quota(inCPUMax:))
            }
            + ControlGroups.foldersV1(of: "cpu", inGroups: groups).compactMap { folder in
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
    /// The result is `nil` unless the quota and the period are positive numbers; the quota `max` means no
    /// limit.
    static func quota(inCPUMax text: String) -> Int? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let quota = Int(words[0]), quota > 0, let period = Int(words[1]), period > 0
        else {
            return nil
        }
        return (quota + period - 1) / period
    }
}
