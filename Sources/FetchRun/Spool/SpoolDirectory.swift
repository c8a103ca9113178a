// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import PoolWire

/// The run's private folder for bodies that wait for processing, on tmpfs where there is one.
///
/// It holds a locked file; the next run removes folders whose lock is free, which a killed run left behind.
final class SpoolDirectory: SpoolFolder {
    /// The folder.
    let path: String
    private let lock: Int32
    private static let prefix = "fetchpool-"

    /// Makes the folder, mode 0700, in `parent`, or where there is room by custom.
    ///
    /// - Throws: `RunError.io` naming `--spool` if it cannot be made.
    init(in parent: String?) throws(RunError) {
        let place = parent ?? Self.usualPlace()
        Self.removeAbandoned(in: place)
        while true {
            var template = Array((place + "/" + Self.prefix + "XXXXXX").utf8CString)
            guard unsafe mkdtemp(&template) != nil else { throw Self.refusal("make a spool in", place) }
            let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let lock = unsafe open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard lock >= 0 else { throw Self.refusal("lock the spool", path) }
            if flock(lock, LOCK_EX | LOCK_NB) == 0, unsafe access(path + "/lock", F_OK) == 0 {
                (self.path, self.lock) = (path, lock)
                return
            }
            // Another run that began just now took the folder, not yet locked, for an abandoned one.
            close(lock)
        }
    }

    private static func refusal(_ deed: String, _ path: String) -> RunError {
        .io("cannot \(deed) '\(path)': \(lastSystemError()); name another folder with --spool")
    }

    func remove(_ segment: SegmentName) {
        unsafe _ = unlink(file(of: segment))
    }

    func removeSegments(of worker: Int, unless isKept: (SegmentName) -> Bool) {
        for name in Self.entries(of: path) {
            guard let segment = SegmentName(Array(name.utf8).span), segment.worker == worker, !isKept(segment)
            else {
                continue
            }
            remove(segment)
        }
    }

    func removeAll() {
        Self.remove(path)
        close(lock)
    }

    /// Half of what is free there, and 256 MiB at most.
    func usualLimit() -> Int {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return 256 << 20 }
        return min(256 << 20, Int(status.f_bavail) * Int(status.f_frsize) / 2)
    }

    private static func usualPlace() -> String {
        if unsafe access("/dev/shm", W_OK | X_OK) == 0 { return "/dev/shm" }
        return ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    }

    private static func removeAbandoned(in place: String) {
        for name in entries(of: place) where name.hasPrefix(prefix) {
            let path = place + "/" + name
            guard let age = ageIfOurs(path) else { continue }
            let lock = unsafe open(path + "/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard lock >= 0 else {
                // Its run ended between making the folder and the lock, or is just about to make it.
                if age > 60 { remove(path) }
                continue
            }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { remove(path) }
            close(lock)
        }
    }

    /// Seconds since a folder was changed; `nil` if it is a link, or another user's: others may write to the place too,
    /// and could lead us to a folder that is no spool.
    private static func ageIfOurs(_ path: String) -> Int? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid()
        else { return nil }
        return time(nil) - status.st_mtim.tv_sec
    }

    private static func entries(of path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }

    private static func remove(_ path: String) {
        for name in entries(of: path) { unsafe _ = unlink(path + "/" + name) }
        unsafe _ = rmdir(path)
    }
}
