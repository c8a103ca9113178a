// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import PoolWire
import Synchronization

/// Removes spools: what runs left behind that were killed, and a run's own at its end.
///
/// A folder may only look like one, so nothing goes but what a run makes: the folder has a spool's name, owner and mode, its lock
/// has our first line, and in it segments alone are removed.
enum AbandonedSpools {
    /// The spool to be removed where this process ends because its coordinator is gone.
    private static let ownSpool = Mutex<SpoolDirectory?>(nil)

    /// Remembers a spool for `removeOwn`.
    static func keepInMind(_ spool: SpoolDirectory) { ownSpool.withLock { $0 = spool } }

    /// Removes the spool of this process, from any thread, before it ends on the spot.
    static func removeOwn() { ownSpool.withLock(\.self)?.removeAll() }

    /// Removes those in `place` whose runs are over.
    static func remove(in place: OpenFolder) {
        for name in place.names where SpoolName.isOne(name) {
            guard let folder = OpenFolder(name, in: place), let status = folder.status,
                status.st_uid == geteuid(), status.permissions == 0o700
            else { continue }
            if let lock = SpoolLock.takeOver(in: folder) {
                remove(name, folder, in: place)
                close(lock)
            } else {
                // Its run ended before it had made the lock, or is about to make it, and will take another name then. Nothing goes
                // with it: a folder that holds anything stays.
                place.removeFolder(name)
            }
        }
    }

    /// Removes a spool whose lock is the caller's: its segments, and, if nothing else is in it, the lock and the folder.
    static func remove(_ name: String, _ folder: OpenFolder, in place: OpenFolder) {
        // A fetch worker that lives on for a moment may make another segment meanwhile.
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
