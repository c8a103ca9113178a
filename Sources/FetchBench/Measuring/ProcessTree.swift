// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A process and its descendants, as proc(5) shows them.
enum ProcessTree {
    /// Looks at the peak of memory (VmHWM) of each process and keeps the largest for each program, in KiB.
    static func addPeaks(of root: pid_t, to peaks: inout [String: Int]) {
        for pid in all(from: root) {
            guard let program = program(of: pid), let peak = peak(of: pid) else { continue }
            peaks[program] = max(peaks[program] ?? 0, peak)
        }
    }

    /// Kills all of them.
    static func kill(_ root: pid_t) {
        for pid in all(from: root) { Glibc.kill(pid, SIGKILL) }
    }

    /// The process ids, parents first.
    static func all(from root: pid_t) -> [pid_t] {
        var found = [root]
        var next = 0
        while next < found.count {
            found += children(of: found[next])
            next += 1
        }
        return found
    }

    /// Any of a process's threads may have started others.
    private static func children(of pid: pid_t) -> [pid_t] {
        threads(of: pid).flatMap { thread in
            (text("/proc/\(pid)/task/\(thread)/children") ?? "").utf8.split(separator: UInt8(ascii: " "))
                .compactMap { pid_t(Substring($0)) }
        }
    }

    private static func threads(of pid: pid_t) -> [String] {
        guard let folder = unsafe opendir("/proc/\(pid)/task") else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            // The name ends with a zero within the entry (readdir(3)).
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// The name of the file that the process runs.
    private static func program(of pid: pid_t) -> String? {
        var target = [CChar](repeating: 0, count: 4_096)
        let count = unsafe readlink("/proc/\(pid)/exe", &target, target.count)
        guard count > 0 else { return nil }
        let path = String(decoding: target[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.split(separator: "/").last.map(String.init)
    }

    private static func peak(of pid: pid_t) -> Int? {
        // Bytes, for characters would take half a millisecond here, on a core that what is measured could use.
        guard let status = text("/proc/\(pid)/status")?.utf8, let name = status.firstRange(of: "VmHWM:".utf8)
        else { return nil }
        let number = status[name.upperBound...].drop { $0 <= 0x20 }.prefix { $0 > 0x20 }
        return Int(Substring(number))
    }

    private static func text(_ path: String) -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = unsafe read(file, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }
}
