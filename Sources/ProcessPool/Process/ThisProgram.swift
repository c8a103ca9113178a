// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The file of this program, for workers that run the same program.
enum ThisProgram {
    /// A link that leads each process to the file of the process's own program (proc_pid_exe(5)).
    private static let link = "/proc/self/exe"

    /// The value of `path` when `name` is read for the first time.
    ///
    /// A command that starts this program again names the program by this value.
    static let name = path

    /// Returns the path that starts the program `name` now.
    ///
    /// For this program, the path differs from `name` if the file was replaced or removed after the first
    /// access to `name`.
    static func start(of name: String) -> String { name == Self.name ? path : name }

    /// A path that starts this program.
    ///
    /// The value is the path of the program's file; it is `link` if this file was replaced or removed, or if
    /// its path is not known. Until a new child has called exec(3), the child still runs the program of this
    /// process. So the link leads the child to the old file, and the child runs the same version as this
    /// process.
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
