// SPDX-License-Identifier: MIT
// fetchpool

import CLinux
import Foundation
import Glibc

/// A watch on a process, such as a worker of a program under test.
///
/// The process does not have to be a child of this process.
package final class ProcessWatch {
    /// The id of the process.
    package let pid: Int32
    private let descriptor: Int32

    /// Starts watching a process that is not reaped.
    ///
    /// - Throws: `ProgramError` if no process has this id, or the process cannot be watched.
    package init(_ pid: Int32) throws {
        self.pid = pid
        descriptor = clinux_pidfd_open(pid)
        guard descriptor >= 0 else {
            throw ProgramError(description: "no process \(pid) can be watched (errno \(errno))")
        }
    }

    deinit { close(descriptor) }

    /// Waits until the process has ended; returns `false` if the process still lives after `bound`.
    package func hasEnded(within bound: Duration) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, Int32(bound / .milliseconds(1))) > 0
    }

    /// Returns the ids of the processes in `/proc` (proc(5)) that descend from `ancestor` and are not reaped;
    /// parents come before their children.
    ///
    /// A process whose parent has ended counts as a child of the process that has adopted it.
    ///
    /// - Throws: An error of Foundation if `/proc` cannot be read.
    package static func descendants(of ancestor: Int32) throws -> [Int32] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc")
        let parents = names.compactMap { name -> (pid: Int32, parent: Int32)? in
            guard let pid = Int32(name), let parent = parent(of: pid) else { return nil }
            return (pid, parent)
        }
        var found: [Int32] = []
        var new = [ancestor]
        while !new.isEmpty {
            new = parents.filter { new.contains($0.parent) }.map(\.pid)
            found += new
        }
        return found
    }

    /// Starts watching all descendants of `ancestor` that are not reaped.
    ///
    /// - Throws: An error of Foundation if `/proc` cannot be read.
    package static func all(below ancestor: Int32) throws -> [ProcessWatch] {
        // Some processes may have been reaped since the listing.
        try descendants(of: ancestor).compactMap { try? ProcessWatch($0) }
    }

    /// Returns the peak resident memory of a process, in KiB (proc(5), `VmHWM`).
    ///
    /// - Throws: `ProgramError` if the process has ended.
    package static func peakKB(of pid: Int32) throws -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let words = line?.split(whereSeparator: \.isWhitespace) ?? []
        guard words.count > 1, let size = Int(words[1]) else {
            throw ProgramError(description: "the memory of process \(pid) cannot be read")
        }
        return size
    }

    /// Returns true while a signal for the whole process waits for its delivery (proc(5), `ShdPnd`).
    static func isPending(_ signal: Int32, of pid: Int32) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("ShdPnd:") }
        let mask = line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
        return mask >> UInt64(signal - 1) & 1 == 1
    }

    private static func parent(of pid: Int32) -> Int32? {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
            return nil
        }
        // The state and the parent follow the name, which may contain any character.
        let words = status.split(separator: ")").last?.split(separator: " ") ?? []
        return words.count > 1 ? Int32(words[1]) : nil
    }
}
