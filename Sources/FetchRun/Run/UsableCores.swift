// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// The cores that this process may use: what its affinity and its control group leave of the machine's.
enum UsableCores {
    /// The number, at least 1, rounded up where a quota is no whole number.
    static let count: Int = {
        let affine = allowedByAffinity() ?? ProcessInfo.processInfo.activeProcessorCount
        return max(1, min(affine, allowedByQuota() ?? affine))
    }()

    /// `Cpus_allowed_list` of proc(5), such as `0-3,8`.
    private static func allowedByAffinity() -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
            return nil
        }
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") })
        else {
            return nil
        }
        let list = line.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces)
        return list.split(separator: ",").reduce(0) { sum, part in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last else { return sum }
            return sum + last - first + 1
        }
    }

    /// The quota of cgroup v2, `cpu.max`: microseconds of time in each period, or `max`.
    private static func allowedByQuota() -> Int? {
        guard let groups = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8) else {
            return nil
        }
        guard let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else {
            return nil
        }
        for folder in ["/sys/fs/cgroup" + line.dropFirst(3), "/sys/fs/cgroup"] {
            guard let text = try? String(contentsOfFile: folder + "/cpu.max", encoding: .utf8) else {
                continue
            }
            let words = text.split(whereSeparator: \.isWhitespace)
            guard words.count == 2, let quota = Int(words[0]), let period = Int(words[1]), period > 0 else {
                continue
            }
            return (quota + period - 1) / period
        }
        return nil
    }
}
