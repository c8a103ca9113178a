// SPDX-License-Identifier: MIT
// fetchpool

package import Glibc

/// Functions that resolve the names of files and variables.
package enum SystemPath {
    /// Returns the absolute path of a file without symbolic links, from realpath(3); `nil` on failure, with
    /// the reason in `errno`.
    package static func resolved(_ name: String) -> String? {
        guard let path = unsafe realpath(name.systemPath, nil) else { return nil }
        defer { unsafe free(path) }
        return unsafe String(systemBytes: [UInt8](UnsafeRawBufferPointer(start: path, count: strlen(path))))
    }

    /// Returns the status of a file from stat(2), which follows symbolic links; `nil` on failure, with the
    /// reason in `errno`.
    package static func status(of name: String) -> stat? {
        var status = stat()
        return unsafe stat(name.systemPath, &status) == 0 ? status : nil
    }

    /// Returns the value of a variable of the environment; `nil` if the variable is not set.
    package static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(systemBytes: [UInt8](UnsafeRawBufferPointer(start: value, count: strlen(value))))
    }
}
