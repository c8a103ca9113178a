// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A file that is replaced as a whole: a reader of a regular file sees the old contents or the new ones.
///
/// Bounds of the unsafe code here: file names end with a zero byte. The result of realpath(3) is copied and
/// then freed.
package struct WholeFile {
    private let name: String
    private let path: [CChar]
    private let mode: UInt32

    /// Creates a value for the file `name`, but does not create the file.
    ///
    /// `mode` has the permissions of each file that `write` creates, before the system applies umask(2). A
    /// file that replaces another file has only the permissions in `mode` that the old file had.
    package init(_ name: String, mode: UInt32) {
        (self.name, self.mode) = (name, mode)
        // If `name` is a symbolic link to an existing file, `write` replaces the file and not the link.
        guard let real = unsafe realpath(name.systemPath, nil) else {
            path = name.systemPath
            return
        }
        defer { unsafe free(real) }
        path = unsafe Array(UnsafeBufferPointer(start: real, count: strlen(real) + 1))
    }

    /// A reason why `write` would fail, found without writing; `nil` if none was found.
    package var refusal: String? {
        var status = stat()
        if unsafe stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR { return systemError(EISDIR) }
            if status.st_mode & S_IFMT != S_IFREG {
                if unsafe access(path, W_OK) == 0 { return nil }
                guard let copy = NamedDescriptor.copy(insteadOf: name, O_WRONLY) else {
                    return lastSystemError()
                }
                close(copy)
                return nil
            }
        } else if errno != ENOENT || path.first == 0 {
            // An empty name gives ENOENT too, but `write` cannot create such a file.
            return lastSystemError()
        }
        return unsafe access(folder, W_OK | X_OK) == 0 ? nil : lastSystemError()
    }

    /// The folder of the file, with a zero byte at the end.
    private var folder: [CChar] {
        let slash = CChar(bitPattern: UInt8(ascii: "/"))
        guard let last = path.lastIndex(of: slash) else { return [CChar(bitPattern: UInt8(ascii: ".")), 0] }
        return path[..<max(last, 1)] + [0]
    }

    /// Replaces the file by a new file, or creates the file if it does not exist.
    ///
    /// The new file is written under another name in the same folder, and then renamed. A device or a pipe is
    /// not replaced: the bytes are written to it.
    ///
    /// - Returns: The reason for a failure; `nil` on success.
    package func write(_ bytes: [UInt8]) -> String? {
        var status = stat()
        let isThere = unsafe stat(path, &status) == 0
        if isThere, status.st_mode & S_IFMT != S_IFREG { return writeThrough(bytes) }
        let mode = isThere ? self.mode & status.permissions : self.mode
        let name = "/.fetchpool-" + String(UInt64.random(in: .min ... .max), radix: 16)
        let other = folder.dropLast() + name.utf8CString
        let file = unsafe open(Array(other), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { return lastSystemError() }
        // umask(2) must not remove permissions that the user has given to the old file.
        if isThere { fchmod(file, mode) }
        // Without fsync(2), a power failure could leave an incomplete file under the final name.
        guard writeAll(bytes.span, to: file), fsync(file) == 0 else {
            return giveUp(other, file)
        }
        close(file)
        guard unsafe rename(Array(other), path) == 0 else { return giveUp(other, -1) }
        return nil
    }

    private func giveUp(_ name: ArraySlice<CChar>, _ file: Int32) -> String {
        let reason = lastSystemError()
        if file >= 0 { close(file) }
        unsafe _ = unlink(Array(name))
        return reason
    }

    private func writeThrough(_ bytes: [UInt8]) -> String? {
        let file = NamedDescriptor.open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard file >= 0 else {
            let reason = lastSystemError()
            let isPipe = errno == ENXIO && SystemPath.status(of: name)?.isPipe == true
            return isPipe ? "no program reads this pipe" : reason
        }
        defer { close(file) }
        return writeAll(bytes.span, to: file) ? nil : lastSystemError()
    }
}
