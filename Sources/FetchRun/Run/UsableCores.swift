// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// The cores that this process may use: what its affinity and its control groups leave of the machine's.
enum UsableCores {
    /// The number, at least 1, rounded up where a quota is no whole number.
    static let count: Int = {
        let affine = text(of: "/proc/self/status").flatMap(affinity(inStatus:))
        let quotas = groupFolders(inGroups: text(of: "/proc/self/cgroup") ?? "").compactMap { folder in
            text(of: folder + "/cpu.max").flatMap(quota(inCPUMax:))
        }
        return max(1, ([affine ?? ProcessInfo.processInfo.activeProcessorCount] + quotas).min() ?? 1)
    }()

    /// Counts `Cpus_allowed_list` of proc(5), such as `0-3,8`.
    static func affinity(inStatus status: String) -> Int? {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") })
        else {
            return nil
        }
        let list = line.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces)
        let count = list.split(separator: ",").reduce(0) { sum, part in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last else { return sum }
            return sum + last - first + 1
        }
        return count > 0 ? count : nil
    }

    /// Reads `cpu.max` of a cgroup v2: microseconds of time in each period, or `max`.
    static func quota(inCPUMax text: String) -> Int? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let quota = Int(words[0]), let period = Int(words[1]), period > 0 else {
            return nil
        }
        return (quota + period - 1) / period
    }

    /// The folders of the cgroup v2 that `/proc/self/cgroup` names and of those above it; each may hold a quota.
    static func groupFolders(inGroups groups: String) -> [String] {
        guard let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else {
            return []
        }
        let names = line.dropFirst(3).split(separator: "/")
        return (0...names.count).reversed().map { count in
            (["/sys/fs/cgroup"] + names.prefix(count)).joined(separator: "/")
        }
    }

    private static func text(of file: String) -> String? {
        try? String(contentsOfFile: file, encoding: .utf8)
    }
}
