// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import PoolWire

/// The run's private folder for bodies that wait for processing, on tmpfs where there is one.
///
/// It holds a locked file; the next run removes folders whose lock is free, which a killed run left behind.
final class SpoolDirectory {
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
        var template = Array((place + "/" + Self.prefix + "XXXXXX").utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw .io(
                "cannot make a spool in '\(place)': \(lastSystemError()); name another folder with --spool"
            )
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        lock = unsafe open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw .io(
                "cannot lock the spool '\(path)': \(lastSystemError()); name another folder with --spool"
            )
        }
    }

    /// The file of a segment.
    func file(of segment: SegmentName) -> String { "\(path)/\(segment)" }

    /// Removes a segment's file.
    func remove(_ segment: SegmentName) {
        unsafe _ = unlink(file(of: segment))
    }

    /// Removes the segments that a worker left and that `isKept` does not keep: half-written ones.
    func removeSegments(of worker: Int, unless isKept: (SegmentName) -> Bool) {
        for name in Self.entries(of: path) {
            guard let segment = SegmentName(Array(name.utf8).span), segment.worker == worker, !isKept(segment)
            else {
                continue
            }
            remove(segment)
        }
    }

    /// Removes the folder and all that is in it.
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
            guard isOurs(path) else { continue }
            let lock = unsafe open(path + "/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard lock >= 0 else { continue }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { remove(path) }
            close(lock)
        }
    }

    /// Whether a folder itself, no link to one, belongs to this user: others may write to the place too, and could lead
    /// us to a folder that is not a spool.
    private static func isOurs(_ path: String) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
    }

    private static func entries(of path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }

    private static func remove(_ path: String) {
        for name in entries(of: path) { unsafe _ = unlink(path + "/" + name) }
        unsafe _ = rmdir(path)
    }
}
