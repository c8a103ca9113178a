// SPDX-License-Identifier: MIT
// fetchpool

package import Glibc

/// An open folder, reached by its descriptor even after the folder was renamed.
///
/// The object owns the descriptor. The operations never follow a symbolic link that lies in the folder.
package final class OpenFolder: Sendable {
    /// The descriptor of the folder.
    package let descriptor: Int32

    /// `O_PATH` of open(2), which Swift's Glibc module omits.
    static let pathOnly: Int32 = 0o10_000_000

    /// Opens the folder at `path`, through symbolic links too; returns `nil` on failure, with the reason in
    /// `errno`.
    package init?(path: String) {
        // `O_PATH` requires no permission to list the folder.
        let opened = unsafe Glibc.open(path.systemPath, Self.pathOnly | O_DIRECTORY | O_CLOEXEC)
        // If the descriptor were stored first, `deinit` would run, and change `errno`.
        guard opened >= 0 else { return nil }
        descriptor = opened
    }

    /// Opens the folder `name` in `parent`, without following a symbolic link; returns `nil` on failure, with
    /// the reason in `errno`.
    package init?(_ name: String, in parent: OpenFolder) {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
        let opened = unsafe openat(parent.descriptor, name.systemPath, flags)
        guard opened >= 0 else { return nil }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// The status of the folder from fstat(2); `nil` if the call fails.
    package var status: stat? { Self.status(of: descriptor) }

    /// Returns the status of the file or symbolic link `name` from fstatat(2); `nil` if the call fails.
    package func status(of name: String) -> stat? {
        var status = stat()
        return unsafe fstatat(descriptor, name.systemPath, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    /// Returns the status of an open file from fstat(2); `nil` if the call fails.
    package static func status(of descriptor: Int32) -> stat? {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? status : nil
    }

    /// True while this process may create files in the folder.
    package var mayBeWritten: Bool { unsafe faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 }

    /// The number of bytes that this user may still write to the file system of the folder, from statvfs(3).
    ///
    /// The value is `UInt64.max` if the number is unknown, or does not fit into 64 bits.
    package var freeBytes: UInt64 {
        var status = statvfs()
        guard unsafe fstatvfs(descriptor, &status) == 0 else { return .max }
        // Some file systems report so many blocks that the product overflows.
        let blocks = UInt64(status.f_bavail)
        let (free, isTooMuch) = blocks.multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return isTooMuch ? .max : free
    }

    /// The names of the folder's entries, without `.` and `..`; empty if the folder cannot be listed.
    package var names: [String] {
        // A second descriptor is needed: the first can be `O_PATH`, and closedir(3) closes its descriptor.
        let listed = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard listed >= 0 else { return [] }
        guard let stream = unsafe fdopendir(listed) else {
            close(listed)
            return []
        }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // The name ends with a zero byte. The entry stays valid until the next call of readdir(3).
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
                    unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: strnlen(bytes, 256)))
                }
            }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(String(systemBytes: name)) }
        }
        return names
    }

    /// Opens the file `name` in the folder, without following a symbolic link and without blocking.
    ///
    /// - Returns: A descriptor that the caller owns; −1 on failure, with the reason in `errno`.
    package func open(_ name: String, _ flags: Int32, mode: mode_t = 0) -> Int32 {
        unsafe openat(
            descriptor,
            name.systemPath,
            flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
            mode
        )
    }

    /// Removes the file or symbolic link `name`; returns `false` on failure, with the reason in `errno`.
    @discardableResult
    package func remove(_ name: String) -> Bool { unsafe unlinkat(descriptor, name.systemPath, 0) == 0 }

    /// Removes the empty folder `name`; returns `false` on failure, with the reason in `errno`.
    @discardableResult
    package func removeFolder(_ name: String) -> Bool {
        unsafe unlinkat(descriptor, name.systemPath, AT_REMOVEDIR) == 0
    }
}

extension stat {
    /// True for a regular file.
    package var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }

    /// True for a folder.
    package var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }

    /// True for a pipe, named or not.
    package var isPipe: Bool { st_mode & S_IFMT == S_IFIFO }

    /// True for a socket.
    package var isSocket: Bool { st_mode & S_IFMT == S_IFSOCK }

    /// The permission bits, with set-user-ID, set-group-ID and the sticky bit.
    package var permissions: mode_t { st_mode & 0o7777 }

    /// Returns true if both values describe the same file.
    package func isSame(as other: stat) -> Bool { st_dev == other.st_dev && st_ino == other.st_ino }
}
