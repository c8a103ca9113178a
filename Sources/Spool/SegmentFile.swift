// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// A reader of bodies in the spool's files.
///
/// Bounds of the unsafe code here: each read fills at most the rest of a buffer of `count` bytes.
package enum SegmentFile {
    /// The reason why a body could not be read.
    package struct ReadError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The reason, without the name of the file.
        package let description: String
    }

    /// Reads `count` bytes from `offset` of the file at `path`.
    ///
    /// The file must be a regular file, not a symbolic link.
    ///
    /// - Throws: `ReadError` if the file cannot be opened or read, is not a regular file, or is too short.
    package static func read(_ path: String, offset: Int, count: Int) throws(ReadError) -> [UInt8] {
        // The file is not trusted, because a fetch worker names and creates it. A link could lead to any
        // file, and a pipe would block the reader.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { throw ReadError(description: "cannot be opened: \(lastSystemError())") }
        defer { close(file) }
        return try read(file, offset: offset, count: count)
    }

    /// Reads `count` bytes from `offset` of an open file, and leaves its descriptor open.
    ///
    /// - Throws: `ReadError` if the file is not a regular file, cannot be read, or is too short.
    static func read(_ file: Int32, offset: Int, count: Int) throws(ReadError) -> [UInt8] {
        guard OpenFolder.status(of: file)?.isRegularFile == true else {
            throw ReadError(description: "is not a regular file")
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
                            ? "cannot be read: \(lastSystemError())" : "is too short for the body"
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
