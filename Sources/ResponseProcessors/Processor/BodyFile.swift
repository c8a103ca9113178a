// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWorker

/// Reads bodies from the coordinator's spool.
///
/// Bounds of the unsafe code: each read fills at most the rest of a buffer of `count` bytes.
enum BodyFile {
    /// Reads `count` bytes at `offset` of the file at `path`.
    ///
    /// - Throws: `TaskFailure` if the file cannot be opened or read, or is too short.
    static func read(_ path: String, offset: Int, count: Int) throws -> [UInt8] {
        // A worker chose the name, so the call must not follow a link and must not block.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { throw failure(path, "cannot be opened: \(lastSystemError())") }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw failure(path, "is no regular file")
        }
        return try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...]
                )
                let got = unsafe pread(
                    file,
                    rest.baseAddress,
                    min(rest.count, count - filled),
                    offset + filled
                )
                if got < 0, errno == EINTR { continue }
                guard got >= 0 else { throw failure(path, "cannot be read: \(lastSystemError())") }
                guard got > 0 else { throw failure(path, "ends before the body does") }
                filled += got
            }
        }
    }

    private static func failure(_ path: String, _ reason: String) -> TaskFailure {
        TaskFailure("the body's file \(path) \(reason)")
    }
}
