// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// A file that is replaced as a whole, if possible: a reader then sees the old contents or the new ones.
///
/// A regular file that cannot be replaced, but can be written, is written in place. Examples are a file that
/// is mounted alone into a container, and a file of another user in a sticky folder (rename(2)).
///
/// A symbolic link that another user may have put into a folder such as `/tmp` is refused (`LinkProtection`).
///
/// Bounds of the unsafe code here: file names end with a zero byte. The result of realpath(3) is copied and
/// then freed.
package struct WholeFile {
    private let name: String
    private let path: [CChar]
    /// True if the file exists, but has no path: for example, `/dev/fd/3` can lead to a deleted file.
    private let hasNoPath: Bool
    private let mode: UInt32
    private let user: uid_t

    /// Creates a value for the file `name`, but does not create the file.
    ///
    /// `mode` has the permissions of each file that `write` creates, before the system applies umask(2). A
    /// file that replaces another file has only the permissions in `mode` that the old file had.
    package init(_ name: String, mode: UInt32) { self.init(name, mode: mode, user: geteuid()) }

    /// Creates a value for the file `name`; `LinkProtection` refuses links that `user` must not follow.
    init(_ name: String, mode: UInt32, user: uid_t) {
        (self.name, self.mode, self.user) = (name, mode, user)
        // If `name` is a symbolic link to an existing file, `write` replaces the file and not the link.
        guard let real = unsafe realpath(name.systemPath, nil) else {
            (path, hasNoPath) = (name.systemPath, SystemPath.status(of: name) != nil)
            return
        }
        defer { unsafe free(real) }
        path = unsafe Array(UnsafeBufferPointer(start: real, count: strlen(real) + 1))
        hasNoPath = false
    }

    /// True if `write` may be called several times.
    ///
    /// The file must be regular, or must not exist yet. In both cases, its name must not stand for an open
    /// descriptor.
    package var mayBeRewritten: Bool {
        guard NamedDescriptor.number(of: name) == nil else { return false }
        var status = stat()
        return unsafe stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    /// A reason why `write` would fail, found without writing; `nil` if none was found.
    package var refusal: String? {
        if LinkProtection.refuses(name, for: user) { return systemError(EACCES) }
        var status = stat()
        let isThere = unsafe stat(path, &status) == 0
        if isThere {
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
        return refusalToReplace(isThere ? status : nil)
    }

    /// A reason why the file can neither be replaced nor be written in place; `nil` if none was found.
    ///
    /// `old` is the status of the old file, if there is one.
    private func refusalToReplace(_ old: stat?) -> String? {
        guard let old else { return unsafe access(folder, W_OK | X_OK) == 0 ? nil : lastSystemError() }
        let isWritable = unsafe access(path, W_OK) == 0
        let number = isWritable ? EPERM : errno
        // Contents that only this user may read are not written into a file of another user, unless this user
        // is root.
        let mustBeOwn = mode & 0o077 == 0 && ![old.st_uid, 0].contains(geteuid())
        if isWritable, !mustBeOwn { return nil }
        let (reason, isReadOnly) = (systemError(number), number == EROFS)
        var place = stat()
        guard unsafe access(folder, W_OK | X_OK) == 0, unsafe stat(folder, &place) == 0 else {
            return lastSystemError()
        }
        // A file on a read-only file system, in a writable folder, is a mount. In a sticky folder, only the
        // owner of the file or of the folder may replace the file.
        let isForeign = ![old.st_uid, place.st_uid].contains(geteuid())
        return isReadOnly || place.st_mode & S_ISVTX != 0 && isForeign ? reason : nil
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
    /// not replaced: the bytes are written to it. If the system refuses to replace a regular file, the file
    /// is emptied and written in place. An open file without a name is also written in this way.
    ///
    /// If a pipe takes no byte for about half a second, the function fails once `givesUp` returns true.
    ///
    /// - Returns: The reason for a failure; `nil` on success.
    package func write(_ bytes: [UInt8], orUntil givesUp: () -> Bool = { false }) -> String? {
        if LinkProtection.refuses(name, for: user) { return systemError(EACCES) }
        var status = stat()
        let isThere = unsafe stat(path, &status) == 0
        if isThere, status.st_mode & S_IFMT != S_IFREG { return writeThrough(bytes, orUntil: givesUp) }
        let mode = isThere ? self.mode & status.permissions : self.mode
        if isThere, hasNoPath { return rewriteNameless(bytes, mode) }
        let name = "/.fetchpool-" + String(UInt64.random(in: .min ... .max), radix: 16)
        let other = folder.dropLast() + name.utf8CString
        let file = unsafe open(Array(other), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { return rewrite(bytes, mode, afterRefusal: errno) }
        // umask(2) must not remove permissions that the user has given to the old file.
        if isThere { fchmod(file, mode) }
        // Without fsync(2), a power failure could leave an incomplete file under the final name.
        guard let number = finish(file, bytes) else {
            if unsafe rename(Array(other), path) == 0 { return nil }
            let number = errno
            unsafe _ = unlink(Array(other))
            return rewrite(bytes, mode, afterRefusal: number)
        }
        unsafe _ = unlink(Array(other))
        return systemError(number)
    }

    /// Writes all of `bytes`, and closes the file.
    ///
    /// - Returns: The error number of a failure; `nil` on success.
    private func finish(_ file: Int32, _ bytes: [UInt8]) -> Int32? {
        let isWritten = writeAll(bytes.span, to: file) && fsync(file) == 0
        let number = errno
        // Some file systems, such as NFS, report a full disk only when the file is closed.
        let isClosed = close(file) == 0
        return isWritten ? isClosed ? nil : errno : number
    }

    /// Empties the old file and writes it in place, after the system has refused to replace it.
    ///
    /// - Returns: The reason for a failure; `nil` on success.
    private func rewrite(_ bytes: [UInt8], _ mode: UInt32, afterRefusal number: Int32) -> String? {
        let file = Self.openInPlace(path, afterRefusal: number)
        guard file >= 0 else { return lastSystemError() }
        // If fchmod(2) fails, the file has another owner. This owner could read contents that only this user
        // may read.
        guard fchmod(file, mode) == 0 || self.mode & 0o077 != 0 else {
            close(file)
            return systemError(number)
        }
        return overwrite(file, bytes)
    }

    /// Empties and writes an open file that was deleted or never had a name.
    ///
    /// - Returns: The reason for a failure; `nil` on success.
    private func rewriteNameless(_ bytes: [UInt8], _ mode: UInt32) -> String? {
        let file = NamedDescriptor.open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard file >= 0 else { return lastSystemError() }
        fchmod(file, mode)
        return overwrite(file, bytes)
    }

    private func overwrite(_ file: Int32, _ bytes: [UInt8]) -> String? {
        guard ftruncate(file, 0) == 0 else {
            let reason = lastSystemError()
            close(file)
            return reason
        }
        return finish(file, bytes).map(systemError)
    }

    /// Opens a regular file for writing, after the attempt to replace it has failed with the error `number`.
    ///
    /// `path` ends with a zero byte. Its last part is not a symbolic link.
    ///
    /// - Returns: A descriptor that the caller owns; −1, with `number` in `errno`, if the file cannot be
    ///   opened or is not regular, or if `number` means that writing in place would not help.
    package static func openInPlace(_ path: [CChar], afterRefusal number: Int32) -> Int32 {
        let isRefused = [EBUSY, EPERM, EACCES, EROFS].contains(number)
        let flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        let file = isRefused ? unsafe open(path, flags) : -1
        if file >= 0, OpenFolder.status(of: file)?.isRegularFile == true { return file }
        if file >= 0 { close(file) }
        errno = number
        return -1
    }

    private func writeThrough(_ bytes: [UInt8], orUntil givesUp: () -> Bool) -> String? {
        let file = NamedDescriptor.open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard file >= 0 else {
            let reason = lastSystemError()
            let isPipe = errno == ENXIO && SystemPath.status(of: name)?.isPipe == true
            return isPipe ? "no program reads this pipe" : reason
        }
        defer { close(file) }
        if writeAll(bytes.span, to: file, orUntilUnread: givesUp) { return nil }
        return errno == EAGAIN ? "nobody reads it" : lastSystemError()
    }
}
