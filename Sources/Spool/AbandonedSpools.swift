// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire
import Synchronization

/// Removes the spools of killed runs, and the spool of this run at its end.
///
/// Another folder may have the name of a spool. A folder is treated as one only if its name, owner and mode
/// fit and its lock file has the expected first line. Only segments and the lock file are removed from it. An
/// empty folder with such a name is removed too.
package enum AbandonedSpools {
    /// The spool to remove if this process exits because its parent coordinator has died.
    private static let ownSpool = Mutex<SpoolDirectory?>(nil)

    /// Remembers a spool for `removeOwn`.
    package static func keepInMind(_ spool: SpoolDirectory) { ownSpool.withLock { $0 = spool } }

    /// Removes the spool of this process, from any thread, right before the process exits.
    package static func removeOwn() { ownSpool.withLock(\.self)?.removeAll() }

    /// Removes the spools in `place` whose runs have ended.
    static func remove(in place: OpenFolder) {
        for name in place.names where SpoolName.isOne(name) {
            guard let folder = OpenFolder(name, in: place), let status = folder.status,
                status.st_uid == geteuid(), status.permissions == 0o700
            else { continue }
            if let lock = SpoolLock.takeOver(in: folder) {
                remove(name, folder, in: place)
                close(lock)
            } else {
                // Its run is alive, or ended before it created the lock, or is about to create it and will
                // then choose another name. The call removes only an empty folder.
                place.removeFolder(name)
            }
        }
    }

    /// Removes a spool whose lock the caller holds: its segments and, if nothing else is in the folder, the
    /// lock and the folder.
    static func remove(_ name: String, _ folder: OpenFolder, in place: OpenFolder) {
        // Repeated, since a fetch worker that has not exited yet may create another segment.
        for _ in 0..<10 {
            let names = folder.names
            guard names.allSatisfy({ $0 == SpoolLock.name || SegmentName(file: $0) != nil }) else {
                for name in names where SegmentName(file: name) != nil { folder.remove(name) }
                return
            }
            for name in names { folder.remove(name) }
            if place.removeFolder(name) || errno != ENOTEMPTY { return }
        }
    }
}
