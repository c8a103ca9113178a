// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// How many more descriptors this process may open.
package enum DescriptorRoom {
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

    /// Raises the number that may be open as far as the system allows, up to 65,536; answers what it is then.
    ///
    /// A live worker costs five descriptors; the soft limit of many systems is 1,024.
    package static func raiseLimit() -> Int {
        let name = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard unsafe getrlimit(name, &limit) == 0 else { return 1_024 }
        if limit.rlim_cur < min(limit.rlim_max, 65_536) {
            limit.rlim_cur = min(limit.rlim_max, 65_536)
            unsafe _ = setrlimit(name, &limit)
        }
        return Int(clamping: limit.rlim_cur)
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
