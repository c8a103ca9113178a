// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Functions that find a process and its descendants in proc(5).
enum ProcessTree {
    /// Reads the peak memory (VmHWM) of `root` and of each descendant, and keeps the largest value of each
    /// program in `peaks`, in KiB.
    static func addPeaks(of root: pid_t, to peaks: inout [String: Int]) {
        for pid in all(from: root) {
            guard let program = program(of: pid), let peak = peak(of: pid) else { continue }
            peaks[program] = max(peaks[program] ?? 0, peak)
        }
    }

    /// Kills `root` and its descendants.
    static func kill(_ root: pid_t) {
        for pid in all(from: root) { Glibc.kill(pid, SIGKILL) }
    }

    /// Returns `root` and the ids of all its descendants, parents first.
    static func all(from root: pid_t) -> [pid_t] {
        var found = [root]
        var next = 0
        while next < found.count {
            found += children(of: found[next])
            next += 1
        }
        return found
    }

    /// Returns the children of all threads of a process, since any thread can start a process.
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
            // The name ends with a zero byte within the entry (readdir(3)).
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// Returns the name of the file that a process runs; nil if unknown.
    private static func program(of pid: pid_t) -> String? {
        var target = [CChar](repeating: 0, count: 4_096)
        let count = unsafe readlink("/proc/\(pid)/exe", &target, target.count)
        guard count > 0 else { return nil }
        let path = String(decoding: target[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.split(separator: "/").last.map(String.init)
    }

    private static func peak(of pid: pid_t) -> Int? {
        // The search compares bytes, because a search by characters would take half a millisecond.
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
