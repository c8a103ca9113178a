// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The file of this program, for workers that run the same program.
enum ThisProgram {
    /// The link that names the file of whoever opens it (proc_pid_exe(5)).
    private static let link = "/proc/self/exe"

    /// The path of this program's file at the first access; commands name the program by this path.
    static let name = path

    /// Returns the path that starts the program `name` now.
    ///
    /// For this program, the path differs from `name` if the file was replaced or removed after the first
    /// access to `name`.
    static func start(of name: String) -> String { name == Self.name ? path : name }

    /// A path that starts this program.
    ///
    /// If the file has been replaced or removed since this process started, it is the link itself: opened by
    /// a new child, it still leads to the old file. So workers are always of this version.
    private static var path: String {
        var name = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = unsafe readlink(link, &name, name.count - 1)
        guard count > 0 else { return link }
        let path = String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var (here, there) = (stat(), stat())
        guard unsafe stat(link, &here) == 0, unsafe stat(path, &there) == 0,
            here.st_ino == there.st_ino, here.st_dev == there.st_dev
        else { return link }
        return path
    }
}
