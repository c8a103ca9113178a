// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The descriptors that this process may open (RLIMIT_NOFILE of getrlimit(2)).
package enum DescriptorLimit {
    /// True if `count` more can be opened.
    ///
    /// Foundation traps where it lacks one for its run loops, so what it needs must be there before it is asked.
    package static func holds(_ count: Int) -> Bool {
        var taken: [Int32] = []
        defer { for descriptor in taken { close(descriptor) } }
        let first = unsafe open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard first >= 0 else { return false }
        taken.append(first)
        while taken.count < count {
            let next = fcntl(first, F_DUPFD_CLOEXEC, 0)
            guard next >= 0 else { return false }
            taken.append(next)
        }
        return true
    }

    /// The number that may be open, the soft limit; 1,024 where the system does not tell.
    package static var current: Int { limits.map { Int(clamping: $0.rlim_cur) } ?? 1_024 }

    /// Raises the number that may be open as far as the system allows, up to `most`; returns what it is then.
    ///
    /// The soft limit of many systems is 1,024, for the sake of select(2), which is not used here.
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

    /// Gives lower numbers to inherited descriptors that are beyond the limit: no child could be started beside them, since what
    /// posix_spawn(3) is told to close must be below.
    ///
    /// They stay open, as whoever handed them on may want, for the sake of a lock perhaps.
    package static func lowerInherited(below limit: Int) {
        for descriptor in openDescriptors() where descriptor >= limit {
            _ = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
            close(descriptor)
        }
    }

    private static func openDescriptors() -> [Int32] {
        guard let folder = unsafe opendir("/proc/self/fd") else { return [] }
        defer { unsafe _ = closedir(folder) }
        var numbers: [Int32] = []
        while let entry = unsafe readdir(folder) {
            // The name ends with a zero, within the entry, which is valid until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe atoi($0) }
            }
            numbers.append(name)
        }
        return numbers
    }
}
