// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// Files without a name; the system deletes such a file when its last descriptor is closed.
package enum TemporaryFile {
    /// Creates a file in a folder, for reading and writing.
    ///
    /// - Returns: A descriptor that the caller owns; −1 on failure, with the reason in `errno`.
    package static func open(in folder: String) -> Int32 {
        let path = "\(folder)/fetchpool-\(getpid())-\(UInt64.random(in: .min ... .max))"
        let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
        let descriptor = unsafe Glibc.open(path.systemPath, flags, 0o600)
        if descriptor >= 0 { unsafe unlink(path.systemPath) }
        return descriptor
    }
}
