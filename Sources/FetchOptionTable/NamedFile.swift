// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
package import OptionTable
import Platform

/// A file that an option names, read before the program begins its work.
///
/// Bounds of the unsafe code: `readOnce` gets the size of the buffer.
package struct NamedFile {
    let name: String
    /// The largest size that `whole` accepts, in bytes.
    let maxBytes: Int

    /// Creates a description of the file `name`.
    package init(name: String, maxBytes: Int) {
        (self.name, self.maxBytes) = (name, maxBytes)
    }

    /// Returns the contents of the file; reading stops once `maxBytes` is exceeded.
    ///
    /// - Throws: `UsageError` if the file cannot be read.
    func contents() throws(UsageError) -> [UInt8] {
        // Opening a named pipe waits for a writer. No handler for SIGINT or SIGTERM is set yet, so these
        // signals end the process even during the wait.
        let file = NamedDescriptor.open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { throw unreadable() }
        defer { close(file) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while text.count <= maxBytes {
            // open(2) accepts a folder, but read(2) fails.
            let count = unsafe piece.withUnsafeMutableBytes { unsafe readOnce(file, into: $0) }
            guard count >= 0 else { throw unreadable() }
            guard count > 0 else { break }
            text += piece[..<count]
        }
        return text
    }

    /// Returns the whole contents of the file.
    ///
    /// - Throws: `UsageError` if the file cannot be read, or is larger than `maxBytes`.
    package func whole() throws(UsageError) -> [UInt8] {
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
