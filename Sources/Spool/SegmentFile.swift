// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// Reads bodies from the files of the spool.
///
/// Bounds of the unsafe code here: each read fills at most what is left of a buffer of `count` bytes.
package enum SegmentFile {
    /// A body that could not be read; the text says why, without the file's name.
    package struct ReadError: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Reads `count` bytes from `offset` of the file at `path`, which must be a regular file and no link.
    ///
    /// - Throws: `ReadError` if the file cannot be opened or read, or ends before.
    package static func read(_ path: String, offset: Int, count: Int) throws(ReadError) -> [UInt8] {
        // A worker gave the name. A link could lead to any file, and a pipe would block the reader.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { throw ReadError(description: "cannot be opened: \(lastSystemError())") }
        defer { close(file) }
        return try read(file, offset: offset, count: count)
    }

    /// Reads `count` bytes from `offset` of an open file, whose descriptor stays the caller's.
    ///
    /// - Throws: `ReadError` if it is no regular file, cannot be read, or ends before.
    static func read(_ file: Int32, offset: Int, count: Int) throws(ReadError) -> [UInt8] {
        guard OpenFolder.status(of: file)?.isRegularFile == true else {
            throw ReadError(description: "is no regular file")
        }
        var fault: ReadError?
        let body = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
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
                guard got > 0 else {
                    fault = ReadError(
                        description: got < 0
                            ? "cannot be read: \(lastSystemError())" : "ends before the body does"
                    )
                    return
                }
                filled += got
            }
        }
        if let fault { throw fault }
        return body
    }
}
