// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// A folder that is held open: what is done in it is done there, whatever takes its name meanwhile.
///
/// It owns its descriptor, and never follows a link that lies in the folder.
final class OpenFolder: Sendable {
    let descriptor: Int32

    /// `O_PATH` of open(2), which Swift's Glibc module leaves out; the same on all the machines that Swift knows.
    private static let pathOnly: Int32 = 0o10_000_000

    /// Opens a folder; links on the way to it are followed.
    ///
    /// `errno` says why it is `nil`.
    init?(path: String) {
        // A place to make things in need not let us see what is there.
        descriptor = unsafe Glibc.open(path.systemPath, Self.pathOnly | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { return nil }
    }

    /// Opens a folder in another one, and no link.
    ///
    /// `errno` says why it is `nil`.
    init?(_ name: String, in parent: OpenFolder) {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
        descriptor = unsafe openat(parent.descriptor, name.systemPath, flags)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// What fstat(2) says of it; `nil` if it fails.
    var status: stat? { Self.status(of: descriptor) }

    /// What fstat(2) says of an open file; `nil` if it fails.
    static func status(of descriptor: Int32) -> stat? {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? status : nil
    }

    /// True while this process may make files in it.
    var mayBeWritten: Bool { unsafe faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 }

    /// The names in it, but for itself and its parent.
    var names: [String] {
        // A descriptor of its own, since readdir(3) moves it and closedir(3) closes it.
        let listed = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard listed >= 0 else { return [] }
        guard let stream = unsafe fdopendir(listed) else {
            close(listed)
            return []
        }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // The name ends with a zero, within the entry, which is valid until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
                    unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: strnlen(bytes, 256)))
                }
            }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(String(systemBytes: name)) }
        }
        return names
    }

    /// Opens a file in it, and neither a link nor anything that would have to be waited for.
    ///
    /// - Returns: A descriptor that is the caller's; −1 if it fails (`errno` says why).
    func open(_ name: String, _ flags: Int32, mode: mode_t = 0) -> Int32 {
        unsafe openat(
            descriptor,
            name.systemPath,
            flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
            mode
        )
    }

    /// Removes a file, or a link itself, in it; `false` if that fails.
    @discardableResult
    func remove(_ name: String) -> Bool { unsafe unlinkat(descriptor, name.systemPath, 0) == 0 }

    /// Removes a folder in it, if nothing is in that one.
    @discardableResult
    func removeFolder(_ name: String) -> Bool {
        unsafe unlinkat(descriptor, name.systemPath, AT_REMOVEDIR) == 0
    }
}

extension stat {
    /// True for a file of bytes: no folder, link, pipe or device.
    var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }

    /// True for a folder.
    var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }

    /// True for a pipe, with a name or without.
    var isPipe: Bool { st_mode & S_IFMT == S_IFIFO }

    /// Who may do what with it.
    var permissions: mode_t { st_mode & 0o7777 }

    /// True if both are the same file.
    func isSame(as other: stat) -> Bool { st_dev == other.st_dev && st_ino == other.st_ino }
}
