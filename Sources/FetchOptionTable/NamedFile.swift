// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import OptionTable
import Platform

/// A file that an option names, read whole before anything begins.
///
/// Bounds of the unsafe code here: names live for the call, and a piece is as large as the reader is told.
struct NamedFile {
    let name: String
    /// The bytes after which reading ends.
    let maxBytes: Int

    /// Returns what the file holds, up to the most bytes and a piece more.
    ///
    /// - Throws: `UsageError` if it cannot be read.
    func contents() throws(UsageError) -> [UInt8] {
        // A pipe would be waited for, before any signal is listened to; one that a shell has made is open
        // already.
        let file = unsafe open(name.systemPath, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { throw unreadable() }
        defer { close(file) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while text.count <= maxBytes {
            // A folder opens, but does not read.
            let count = unsafe piece.withUnsafeMutableBytes { unsafe readOnce(file, into: $0) }
            guard count >= 0 else { throw unreadable() }
            guard count > 0 else { break }
            text += piece[..<count]
        }
        return text
    }

    /// Returns what the file holds.
    ///
    /// - Throws: `UsageError` if it cannot be read, or is larger than the most bytes.
    func whole() throws(UsageError) -> [UInt8] {
        let text = try contents()
        guard text.count <= maxBytes else {
            throw UsageError("the file '\(name)' is larger than \(maxBytes >> 20) MiB")
        }
        return text
    }

    private func unreadable() -> UsageError {
        UsageError("the file '\(name)' cannot be read: \(lastSystemError())")
    }
}
