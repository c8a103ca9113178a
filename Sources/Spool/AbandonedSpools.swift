// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire
import Synchronization

/// Functions that remove spools: the folders that killed runs left behind, and the folder of this run when
/// this run ends.
///
/// A folder counts as a spool only if it has a spool's name, this user as owner, and the mode 0700. It must
/// also contain a lock file with the expected first line. Only body files (segments), spares (`SpareFiles`)
/// and the lock file are removed from a spool. An empty folder with such a name, owner and mode is removed
/// too.
package enum AbandonedSpools {
    /// The spool to remove if this process exits because it has lost its parent coordinator.
    private static let ownSpool = Mutex<SpoolDirectory?>(nil)

    /// Remembers a spool for `removeOwn`.
    package static func keepInMind(_ spool: SpoolDirectory) { ownSpool.withLock { $0 = spool } }

    /// Removes the remembered spool, if there is one.
    ///
    /// Any thread may call this function right before the process exits.
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
                // This call removes only an empty folder. A starting run that loses its folder makes a new
                // one.
                place.removeFolder(name)
            }
        }
    }

    /// Removes a spool whose lock the caller holds.
    ///
    /// The lock file and the folder stay if the folder contains a file of another program.
    static func remove(_ name: String, _ folder: OpenFolder, in place: OpenFolder) {
        // The loop repeats because a fetch worker that has not exited yet may create another segment.
        for _ in 0..<10 {
            let names = folder.names
            guard names.allSatisfy({ $0 == SpoolLock.name || isOfBodies($0) }) else {
                for name in names where isOfBodies(name) { folder.remove(name) }
                return
            }
            for name in names { folder.remove(name) }
            if place.removeFolder(name) || errno != ENOTEMPTY { return }
        }
    }

    /// Returns true for the name of a segment or a spare.
    private static func isOfBodies(_ name: String) -> Bool {
        SegmentName(file: name) != nil || SpareFiles.names.contains(name)
    }
}
