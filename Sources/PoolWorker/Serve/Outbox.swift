// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire

/// Lines that are not yet written; a call of `writePiece(to:)` does not wait if `hasRoom(in:)` is true.
///
/// Bounds of the unsafe code here: a piece lies within the bytes that are not yet written.
struct Outbox: ~Copyable {
    /// The number of bytes that a writable pipe takes without a wait: one page (pipe(7), PIPE_BUF).
    private static let pieceBytes = 4096

    /// The writer to which lines are added.
    var lines = JSONWriter()
    private var written = 0

    /// True if all lines are written.
    var isEmpty: Bool { written == lines.count }

    /// Removes and returns the bytes that are not yet written.
    mutating func take() -> [UInt8] {
        defer { written = 0 }
        let bytes = lines.take()
        return written == 0 ? bytes : Array(bytes[written...])
    }

    /// Returns `true` if a write would not wait: a piece fits, or the write would fail.
    func hasRoom(in descriptor: Int32) -> Bool {
        var end = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&end, 1, 0) > 0
    }

    /// Writes at most one piece and returns the number of written bytes; ends the process if the output has
    /// failed.
    mutating func writePiece(to descriptor: Int32) -> Int {
        let piece = written..<min(written + Self.pieceBytes, lines.count)
        let count = lines.withBytes { bytes in
            unsafe bytes.extracting(piece).withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress, $0.count)
            }
        }
        if count >= 0 {
            written += count
        } else if errno != EINTR, errno != EAGAIN {
            WorkerProcessSetup.leaveWithGroup(after: errno)
        }
        if isEmpty {
            lines.removeAll()
            written = 0
        }
        return max(count, 0)
    }
}
