// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The file by which a spool is known to be one of ours, and whose lock (flock(2)) says that its run lives.
///
/// It is locked before its first line is written: whoever reads that line and gets the lock knows that the run is over.
enum SpoolLock {
    static let name = "lock"
    /// The first line, by which a run knows the file as its own kind's.
    private static let firstLine = Array("fetchpool spool, removed with its run\n".utf8)

    /// Makes it in a folder that was just made, and locks it.
    ///
    /// - Returns: The descriptor that holds the lock; `nil` if it cannot be made (`errno` says why).
    static func make(in folder: OpenFolder) -> Int32? {
        let lock = folder.open(name, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        guard lock >= 0 else { return nil }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(lock)
            errno = reason
            return nil
        }
        // Where there is no room for it yet the run may still find some; only the next run will not clean up behind this one.
        unsafe _ = firstLine.withUnsafeBytes { unsafe write(lock, $0.baseAddress, $0.count) }
        return lock
    }

    /// Locks the one of a run that is over.
    ///
    /// - Returns: The descriptor that holds the lock; `nil` if the file is no such file, or its run lives.
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
