// SPDX-License-Identifier: MIT
// fetchpool

package import Glibc
import Platform
import PoolWire

/// The folder in which runs create their spools.
///
/// A folder is refused if other users, except root, can replace its entries, or the entries of a folder above
/// it. Such users could redirect workers to other files.
package enum SpoolPlace {
    /// Opens the place called `name`, or the default place; returns the folder and its path without symbolic
    /// links.
    ///
    /// - Throws: `SpoolError` if the place cannot be used.
    static func open(_ name: String?) throws(SpoolError) -> (folder: OpenFolder, path: String) {
        try openUsable(name ?? usual())
    }

    private static func openUsable(_ name: String) throws(SpoolError) -> (folder: OpenFolder, path: String) {
        guard let path = SystemPath.resolved(name), let folder = OpenFolder(path: path),
            let status = folder.status
        else {
            throw SpoolError(
                "cannot make a spool in '\(name)': \(lastSystemError()); name another folder with --spool"
            )
        }
        guard !path.hasSystemEscapes else {
            throw SpoolError(
                "the spool's path '\(path)' is not valid UTF-8, which workers need; name another folder with --spool"
            )
        }
        if let fault = fault(of: status) {
            throw SpoolError(
                "no spool can be safe in '\(path)', since \(fault); name another folder with --spool"
            )
        }
        for parent in parents(of: path) {
            guard let status = OpenFolder(path: parent)?.status, let fault = faultOfParent(status) else {
                continue
            }
            throw SpoolError(
                "no spool can be safe below '\(parent)', since \(fault); name another folder with --spool"
            )
        }
        return (folder, path)
    }

    /// Returns the default place: `/dev/shm` if it is writable and has enough free space (`hasRoom`), else
    /// the folder that `TMPDIR` names if `TMPDIR` is set and not empty, else `/tmp`.
    private static func usual() -> String {
        let other = SystemPath.variable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        let memory = "/dev/shm"
        guard unsafe access(memory, W_OK | X_OK) == 0, let folder = OpenFolder(path: memory) else {
            return other
        }
        // The removal of the spools of killed runs makes space free in `/dev/shm`.
        AbandonedSpools.remove(in: folder)
        // If the other place cannot be used, it counts as full.
        let found = try? openUsable(other)
        let otherBytes = found?.folder.mayBeWritten == true ? found?.folder.freeBytes ?? 0 : 0
        return hasRoom(freeBytes: folder.freeBytes, otherBytes: otherBytes) ? memory : other
    }

    /// Returns true if a place has space for a body of the default `--max-body` (32 MiB), or at least as much
    /// space as another place.
    ///
    /// `freeBytes` is the space in the place, and `otherBytes` is the space in the other place.
    static func hasRoom(freeBytes: UInt64, otherBytes: UInt64) -> Bool {
        freeBytes >= 32 << 20 || freeBytes >= otherBytes
    }

    /// Returns the reason why other users, except root, can replace the entries of the folder `place`; `nil`
    /// if there is none.
    package static func fault(
        of place: stat,
        user: uid_t = geteuid(),
        group: gid_t = getegid()
    ) -> String? {
        let isSticky = place.st_mode & S_ISVTX != 0
        // In a user namespace, files of unmapped users, which may include root, appear to belong to user
        // 65534 (user_namespaces(7)).
        let isFromOutside = isSticky && place.st_uid == 65_534 && isInUserNamespace
        guard place.st_uid == user || place.st_uid == 0 || isFromOutside else {
            return "it belongs to another user (number \(place.st_uid))"
        }
        guard !isSticky else { return nil }
        if place.st_mode & S_IWOTH != 0 { return "everybody may write to it, and it has no sticky bit" }
        // A group with the same number as the user counts as the user's private group, without other members.
        let isOwnGroup = place.st_gid == group && group == user
        if place.st_mode & S_IWGRP != 0, !isOwnGroup {
            return "its group may write to it, and it has no sticky bit"
        }
        return nil
    }

    /// Returns all folders above an absolute path; the first one is `/`.
    private static func parents(of path: String) -> [String] {
        let names = path.split(separator: "/")
        return names.indices.map { "/" + names[..<$0].joined(separator: "/") }
    }

    /// Returns the reason why places below `parent` are refused; `nil` if there is none.
    static func faultOfParent(_ parent: stat, user: uid_t = geteuid(), group: gid_t = getegid()) -> String? {
        var parent = parent
        // In a user namespace, `/` and other system folders may appear to belong to user 65534.
        if parent.st_uid == 65_534, isInUserNamespace { parent.st_uid = 0 }
        return fault(of: parent, user: user, group: group)
    }

    private static let isInUserNamespace: Bool = {
        let map = unsafe Glibc.open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC)
        guard map >= 0 else { return false }
        defer { close(map) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe read(map, &bytes, bytes.count)
        let words = bytes[..<max(count, 0)].split { $0 == 0x20 || $0 == 0x0A }
        // In the initial namespace, each number is mapped to itself.
        return words.map { String(decoding: $0, as: UTF8.self) } != ["0", "0", "4294967295"]
    }()
}
