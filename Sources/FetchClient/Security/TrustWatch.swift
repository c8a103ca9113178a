// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import Glibc

/// A watch for changes of the file of trusted certificates, which the system may update during a long run.
///
/// Times are in milliseconds of a monotonic clock.
struct TrustWatch {
    /// The properties that are compared to detect a new version of the file.
    private struct Version: Hashable {
        var device = 0
        var number = 0
        var bytes = 0
        var seconds = 0
        var nanoseconds = 0
    }

    /// The least time between two checks.
    private let interval: Int
    private let path: String?
    private var version: Version?
    private var next = 0

    /// Creates a watch of the file at `path`; if `path` is `nil`, the watch never detects a change.
    init(_ path: String?, interval: Int = 5_000) {
        (self.path, self.interval) = (path, interval)
        version = path.flatMap(Self.version)
    }

    /// Checks the file if a check is due; returns true if the file has changed.
    ///
    /// The file is compared with the last file that was found, at the creation of the watch or at a check. If
    /// none was found, a file that appears counts as a change. A missing file does not count as a change: a
    /// new file may be about to replace it.
    mutating func isRenewed(now: Int) -> Bool {
        guard let path, now >= next else { return false }
        next = now + interval
        guard let found = Self.version(path), found != version else { return false }
        version = found
        return true
    }

    private static func version(_ path: String) -> Version? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Version(
            device: Int(status.st_dev),
            number: Int(status.st_ino),
            bytes: Int(status.st_size),
            seconds: Int(status.st_mtim.tv_sec),
            nanoseconds: Int(status.st_mtim.tv_nsec)
        )
    }
}
