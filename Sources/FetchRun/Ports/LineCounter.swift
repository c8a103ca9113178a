// SPDX-License-Identifier: MIT
// fetchpool

import Decompression
import Foundation
import Glibc
import Platform
import PoolWire
import Synchronization

/// A counter of the tasks in the input files, for the total in the progress line.
///
/// The counter has its own thread. The total stays unknown if any input is compressed, is not a regular file,
/// or cannot be read. Reading a pipe would take the lines from the run.
final class LineCounter: Sendable {
    private let counted = Mutex<Int?>(nil)

    /// The number of tasks in all inputs; `nil` while it is unknown.
    var total: Int? { counted.withLock { $0 } }

    /// Starts counting the tasks in `files`; the total also includes `extra`, the number of the tasks that
    /// come from the command line.
    convenience init(files: [String], plus extra: Int) {
        // If a named pipe replaces a file after the check below, opening the pipe must not wait.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
        // Named pipes are not opened, because a writer gets SIGPIPE once its only reader has closed the pipe.
        let mayOpen = files.allSatisfy { $0 == "-" || SystemPath.status(of: $0)?.isRegularFile == true }
        let descriptors = files.map {
            !mayOpen ? -1 : $0 == "-" ? fcntl(0, F_DUPFD_CLOEXEC, 0) : unsafe open($0.systemPath, flags)
        }
        self.init(descriptors, plus: extra)
    }

    /// Starts counting the tasks after the present offsets of `descriptors`.
    ///
    /// The counter closes the descriptors after the counting. The total stays unknown if any descriptor is
    /// −1. The total also includes `extra`, the number of the tasks that come from the command line.
    init(_ descriptors: [Int32], plus extra: Int) {
        // For standard input, the counter and the run have one offset, which moves when the run reads.
        let offsets = descriptors.map { lseek($0, 0, SEEK_CUR) }
        let areFiles = descriptors.allSatisfy {
            OpenFolder.status(of: $0)?.isRegularFile == true && Compression.format(of: $0) == nil
        }
        let thread = Thread {
            if areFiles {
                let counts = zip(descriptors, offsets).compactMap { Self.tasks(in: $0, from: $1) }
                let isWhole = counts.count == descriptors.count
                self.counted.withLock { $0 = isWhole ? counts.reduce(extra, +) : nil }
            }
            for descriptor in descriptors where descriptor >= 0 { close(descriptor) }
        }
        thread.name = "count"
        thread.start()
    }

    /// Returns the number of lines that are neither blank nor comments; `nil` if reading fails.
    ///
    /// Counting starts at `start`; the descriptor's offset does not change.
    static func tasks(in descriptor: Int32, from start: off_t) -> Int? {
        var framer = LineFramer(maxLineBytes: WireLimits.maxInputLineBytes)
        var offset = start
        var count = 0
        while true {
            var hasFailed = false
            let bytes = unsafe framer.fill(room: 256 << 10) { room in
                let count = unsafe pread(descriptor, room.baseAddress, room.count, offset)
                hasFailed = count < 0
                return max(count, 0)
            }
            if hasFailed { return nil }
            offset += off_t(bytes)
            while let line = framer.next() { count += isTask(line, framer.bytes) ? 1 : 0 }
            guard bytes > 0 else { break }
        }
        if let line = framer.finish() { count += isTask(line, framer.bytes) ? 1 : 0 }
        return count
    }

    private static func isTask(_ line: LineFramer.Line, _ bytes: [UInt8]) -> Bool {
        guard case .whole(let range) = line else { return true }
        var text = bytes[range]
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        guard let first = text.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else {
            return false
        }
        return first != UInt8(ascii: "#")
    }
}
