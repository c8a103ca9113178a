// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

/// The file that marks a folder as a spool; its lock (flock(2)) shows that the run is alive.
///
/// The file is locked before its first line is written. A process that reads the line and gets the lock
/// therefore knows that the run has ended.
enum SpoolLock {
    static let name = "lock"
    /// The first line, which distinguishes the file from other files called `lock`.
    private static let firstLine = Array("fetchpool spool, removed with its run\n".utf8)

    /// Creates and locks the file.
    ///
    /// - Returns: The descriptor that holds the lock; `nil` on failure, with the reason in `errno`.
    static func make(in folder: OpenFolder) -> Int32? {
        let lock = folder.open(name, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        guard lock >= 0 else { return nil }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            folder.remove(name)
            close(lock)
            errno = reason
            return nil
        }
        // An error is ignored, because a full disk may have space later. Without the line, no later run
        // removes this spool.
        unsafe _ = firstLine.withUnsafeBytes { unsafe write(lock, $0.baseAddress, $0.count) }
        return lock
    }

    /// Locks the file of a run that has ended.
    ///
    /// - Returns: The descriptor that holds the lock; `nil` if the file is not the lock of a spool, belongs
    ///   to another user, or cannot be opened or locked.
    static func takeOver(in folder: OpenFolder) -> Int32? {
        let lock = folder.open(name, O_RDWR)
        guard lock >= 0 else { return nil }
        guard let status = OpenFolder.status(of: lock), status.isRegularFile, status.st_uid == geteuid(),
            isOurs(lock), flock(lock, LOCK_EX | LOCK_NB) == 0
        else {
            close(lock)
            return nil
        }
        return lock
    }

    private static func isOurs(_ lock: Int32) -> Bool {
        var bytes = [UInt8](repeating: 0, count: firstLine.count)
        return unsafe pread(lock, &bytes, bytes.count, 0) == bytes.count && bytes == firstLine
    }
}
