// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire

/// What is known of a worker's memory, in KiB: from its own beats, and from looking at `/proc` while it lives.
///
/// After a death the kernel says nothing more of it, and what wait4(2) counts includes the coordinator's own peak.
struct MemoryUse: Sendable {
    /// Resident when last looked at; `nil` if nobody has.
    private(set) var lastKB: Int?
    /// The most that was seen.
    private(set) var peakKB: Int?

    /// Takes what the worker says of itself.
    mutating func note(_ beat: Beat) {
        note(last: beat.rssKB, peak: beat.hwmKB)
    }

    /// Looks at a process that lives: VmRSS and VmHWM of proc(5).
    static func ofProcess(_ pid: pid_t) -> (residentKB: Int?, peakKB: Int?) {
        guard let text = text(ofFile: "/proc/\(pid)/status") else { return (nil, nil) }
        return (number("VmRSS:", in: text), number("VmHWM:", in: text))
    }

    /// Takes what was seen of a worker.
    mutating func note(_ seen: (residentKB: Int?, peakKB: Int?)) {
        note(last: seen.residentKB, peak: seen.peakKB)
    }

    private mutating func note(last: Int?, peak: Int?) {
        lastKB = last ?? lastKB
        peakKB = [peakKB, last, peak].compactMap(\.self).max()
    }

    /// The first number after `name` in a text of lines such as `VmRSS:  1234 kB` or `oom_kill 3`.
    static func number(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            return line.dropFirst(name.count).split { $0 == " " || $0 == "\t" }.first.flatMap { Int($0) }
        }
        return nil
    }

    /// A small file of the kernel's; `nil` if it cannot be read.
    static func text(ofFile path: String) -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8 << 10)
        let count = unsafe read(file, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
