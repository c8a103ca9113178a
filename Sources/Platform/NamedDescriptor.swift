// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The open descriptors of this process, reached by names such as `/dev/stdin` and `/dev/fd/3`.
package enum NamedDescriptor {
    /// Opens a file as open(2) does, or copies the descriptor for which its name stands.
    ///
    /// A descriptor is copied only if it cannot be opened again. The copy shares the offset and the flags,
    /// such as `O_NONBLOCK`, with the original.
    ///
    /// - Returns: A descriptor that the caller owns; −1 on failure, with the reason in `errno`.
    package static func open(_ name: String, _ flags: Int32, mode: UInt32 = 0) -> Int32 {
        let file = unsafe Glibc.open(name.systemPath, flags, mode)
        return file >= 0 ? file : copy(insteadOf: name, flags) ?? -1
    }

    /// Duplicates the descriptor that `name` stands for, after the system has refused to open `name`.
    ///
    /// A socket cannot be opened by a name (ENXIO). A pipe or a terminal cannot be opened if it belongs to
    /// another user (EACCES), although a process that inherits the descriptor may use it.
    ///
    /// The access mode in `flags` is `O_RDONLY`, `O_WRONLY` or `O_RDWR`. Other flags have no effect.
    ///
    /// - Returns: A descriptor that the caller owns; `nil` if `errno` is neither ENXIO nor EACCES, if `name`
    ///   stands for no descriptor that allows this access, or if the descriptor cannot be duplicated. The
    ///   function does not change `errno`.
    package static func copy(insteadOf name: String, _ flags: Int32) -> Int32? {
        let reason = errno
        guard reason == ENXIO || reason == EACCES, let number = number(of: name) else { return nil }
        defer { errno = reason }
        let mode = fcntl(number, F_GETFL) & O_ACCMODE
        guard mode == O_RDWR || mode == flags & O_ACCMODE else { return nil }
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        return copy >= 0 ? copy : nil
    }

    /// Returns the number of the descriptor that a name stands for; `nil` for any other name.
    package static func number(of name: String) -> Int32? {
        switch name {
        case "/dev/stdin": return STDIN_FILENO
        case "/dev/stdout": return STDOUT_FILENO
        case "/dev/stderr": return STDERR_FILENO
        default: break
        }
        for folder in ["/dev/fd/", "/proc/self/fd/"] where name.hasPrefix(folder) {
            return Int32(name.dropFirst(folder.count))
        }
        return nil
    }
}
