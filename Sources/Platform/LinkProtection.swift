// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The kernel's rule for symbolic links in folders such as `/tmp` (`protected_symlinks` of proc_sys_fs(5)).
///
/// If a link of another user is in a sticky folder that everyone may write to, the link is followed only if
/// it belongs to the folder's owner. The kernel applies the rule only where it follows a link itself, and not
/// if a program has resolved the link with realpath(3).
///
/// Bounds of the unsafe code here: file names end with a zero byte, and readlink(2) gets the size of its
/// buffer.
enum LinkProtection {
    /// The largest number of links on one path that Linux follows (path_resolution(7)).
    private static let mostLinks = 40

    /// Returns true if `user` must not follow one of the links on the way to `name`, the last part included.
    ///
    /// The result is false if a part of the way cannot be read before such a link is found, or if `mostLinks`
    /// or more links come before such a link.
    static func refuses(_ name: String, for user: uid_t = geteuid()) -> Bool {
        var links = 0
        var folder = name.hasPrefix("/") ? "/" : "./"
        var rest = Array(name.split(separator: "/").map(String.init).reversed())
        while let part = rest.popLast() {
            let path = folder + part
            var status = stat()
            guard unsafe lstat(path.systemPath, &status) == 0 else { return false }
            guard status.st_mode & S_IFMT == S_IFLNK else {
                folder = path + "/"
                continue
            }
            links += 1
            guard links <= mostLinks, let place = SystemPath.status(of: folder), let target = target(of: path)
            else { return false }
            let isShared = place.st_mode & S_ISVTX != 0 && place.st_mode & S_IWOTH != 0
            if isShared, ![user, place.st_uid].contains(status.st_uid) { return true }
            if target.hasPrefix("/") { folder = "/" }
            rest += target.split(separator: "/").map(String.init).reversed()
        }
        return false
    }

    private static func target(of link: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let size = bytes.count
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return -1 }
            return unsafe readlink(link.systemPath, base, size)
        }
        return count > 0 ? String(systemBytes: Array(bytes.prefix(count))) : nil
    }
}
