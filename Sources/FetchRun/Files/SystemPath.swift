// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// Names of files as the system resolves them.
enum SystemPath {
    /// The path of what is there under a name, absolute and without links, realpath(3); `nil` if there is nothing (`errno` says why).
    static func resolved(_ name: String) -> String? {
        guard let path = unsafe realpath(name.systemPath, nil) else { return nil }
        defer { unsafe free(path) }
        return unsafe String(systemBytes: [UInt8](UnsafeRawBufferPointer(start: path, count: strlen(path))))
    }

    /// What is there under a name, links followed, stat(2); `nil` if there is nothing (`errno` says why).
    static func status(of name: String) -> stat? {
        var status = stat()
        return unsafe stat(name.systemPath, &status) == 0 ? status : nil
    }

    /// A variable of the environment; `nil` if it is not set.
    static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(systemBytes: [UInt8](UnsafeRawBufferPointer(start: value, count: strlen(value))))
    }
}
