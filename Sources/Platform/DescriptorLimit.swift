// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The limit on the open descriptors of this process (RLIMIT_NOFILE of getrlimit(2)).
package enum DescriptorLimit {
    /// Returns `true` if `count` more descriptors can be opened.
    package static func holds(_ count: Int) -> Bool {
        var taken: [Int32] = []
        defer { for descriptor in taken { close(descriptor) } }
        // `O_PATH` requires no permission to list the folder.
        let first = unsafe open("/", OpenFolder.pathOnly | O_DIRECTORY | O_CLOEXEC)
        guard first >= 0 else { return false }
        taken.append(first)
        while taken.count < count {
            let next = fcntl(first, F_DUPFD_CLOEXEC, 0)
            guard next >= 0 else { return false }
            taken.append(next)
        }
        return true
    }

    /// The soft limit; 1,024 if getrlimit(2) fails.
    package static var current: Int { limits.map { Int(clamping: $0.rlim_cur) } ?? 1_024 }

    /// Raises the soft limit as far as the system allows, up to `most`; returns the limit after the call.
    @discardableResult package static func raise(to most: Int = .max) -> Int {
        if var limit = limits, limit.rlim_cur < min(limit.rlim_max, rlim_t(most)) {
            limit.rlim_cur = min(limit.rlim_max, rlim_t(most))
            unsafe _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return current
    }

    private static var limits: rlimit? {
        var limit = rlimit()
        return unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    }

    /// Moves inherited descriptors at or above `limit` to lower numbers; closes a descriptor that cannot be
    /// moved.
    ///
    /// `limit` is the soft limit. Foundation asks posix_spawn(3) to close all descriptors from 3 on, but
    /// cannot start a child if a descriptor is at or above the limit. The moved descriptors stay open: the
    /// parent process can rely on them, for example on a lock of flock(2).
    package static func lowerInherited(below limit: Int) {
        for descriptor in openDescriptors() where descriptor >= limit {
            _ = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
            close(descriptor)
        }
    }

    /// True if this process has an open descriptor whose number is at or above the soft limit.
    package static var isExceeded: Bool { openDescriptors().contains { Int($0) >= current } }

    private static func openDescriptors() -> [Int32] {
        guard let folder = unsafe opendir("/proc/self/fd") else { return [] }
        defer { unsafe _ = closedir(folder) }
        var numbers: [Int32] = []
        while let entry = unsafe readdir(folder) {
            // The name ends with a zero byte. The entry stays valid until the next call of readdir(3).
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe atoi($0) }
            }
            numbers.append(name)
        }
        return numbers
    }
}
