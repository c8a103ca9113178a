// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Platform
import PoolWire
import Synchronization

/// Counts the lines of input files on a thread of its own, so that the progress line can say how many there are.
///
/// It says nothing where an input is no regular file: reading a pipe would eat it.
final class LineCounter: Sendable {
    private let counted = Mutex<Int?>(nil)

    /// The tasks that all inputs hold; `nil` until they are counted, or if they cannot be.
    var total: Int? { counted.withLock { $0 } }

    /// Begins to count the lines of `files`, and adds `extra`.
    init(files: [String], plus extra: Int) {
        // To open a named pipe would wait for a writer, if the one that the input is read from has left.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
        // A writer that waits for its reader would take us for that, and lose us again.
        guard files.allSatisfy({ $0 == "-" || SystemPath.status(of: $0)?.isRegularFile == true }) else {
            return
        }
        let descriptors = files.map {
            $0 == "-" ? fcntl(0, F_DUPFD_CLOEXEC, 0) : unsafe open($0.systemPath, flags)
        }
        let areFiles = descriptors.allSatisfy { OpenFolder.status(of: $0)?.isRegularFile == true }
        let thread = Thread {
            if areFiles {
                let sum = descriptors.reduce(extra) { $0 + Self.tasks(in: $1) }
                self.counted.withLock { $0 = sum }
            }
            for descriptor in descriptors { close(descriptor) }
        }
        thread.name = "count"
        thread.start()
    }

    /// Lines that are neither blank nor a comment, from the place where the descriptor stands, without moving it.
    static func tasks(in descriptor: Int32) -> Int {
        var framer = LineFramer(maxLineBytes: WireLimits.maxInputLineBytes)
        var offset = lseek(descriptor, 0, SEEK_CUR)
        var count = 0
        while true {
            let bytes = unsafe framer.fill(room: 256 << 10) { room in
                max(unsafe pread(descriptor, room.baseAddress, room.count, offset), 0)
            }
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
