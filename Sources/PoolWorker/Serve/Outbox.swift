// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire

/// Lines that wait to be written, without anybody waiting for it.
///
/// Bounds of the unsafe code here: a piece lies inside the bytes that are left.
struct Outbox: ~Copyable {
    /// What a pipe takes at once when it polls as writable: one page (pipe(7), PIPE_BUF).
    private static let pieceBytes = 4096

    /// Where lines are added.
    var lines = JSONWriter()
    private var written = 0

    /// Whether all is written.
    var isEmpty: Bool { written == lines.count }

    /// Takes what is not written.
    mutating func take() -> [UInt8] {
        defer { written = 0 }
        let bytes = lines.take()
        return written == 0 ? bytes : Array(bytes[written...])
    }

    /// Whether a piece can be written without waiting, or cannot be written at all.
    func hasRoom(in descriptor: Int32) -> Bool {
        var end = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&end, 1, 0) > 0
    }

    /// Writes one piece; a worker whose coordinator is gone leaves here.
    mutating func writePiece(to descriptor: Int32) {
        let piece = written..<min(written + Self.pieceBytes, lines.count)
        let count = lines.withBytes { bytes in
            unsafe bytes.extracting(piece).withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress, $0.count)
            }
        }
        if count >= 0 {
            written += count
        } else if errno != EINTR, errno != EAGAIN {
            WorkerProcessSetup.leaveWithGroup()
        }
        if isEmpty {
            lines.removeAll()
            written = 0
        }
    }
}
