// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// The spares of a spool: files of segments that are no longer needed, for new segments of fetch workers.
///
/// With spares, a tmpfs does not have to free and allocate memory for each body. The coordinator makes and
/// removes spares. A fetch worker takes a spare by renaming the spare to the name of the worker's next
/// segment. The name of a segment is never used again, so a late reader cannot find another body under an old
/// name.
enum SpareFiles {
    /// The names of the spares; there is at most one spare of each name.
    static let names = ["spare-0", "spare-1"]

    /// Makes the file of a segment a spare.
    ///
    /// - Returns: False if there are enough spares, or if the file is not a regular file, is larger than
    ///   `mostBytes`, or cannot be renamed. The file then keeps its name.
    static func add(_ segment: SegmentName, in folder: OpenFolder, upTo mostBytes: Int) -> Bool {
        let name = segment.description
        guard let status = folder.status(of: name), status.isRegularFile, status.st_size <= mostBytes else {
            return false
        }
        return names.contains { folder.rename(name, toNew: $0) }
    }

    /// Removes the spares.
    static func removeAll(in folder: OpenFolder) {
        for name in names { folder.remove(name) }
    }

    /// Takes a spare of the spool `directory` and renames it to the new name `path`.
    ///
    /// - Returns: A descriptor for writing, which the caller owns; `nil` if no spare can be used. If the
    ///   result is `nil`, the call leaves no new file at `path`.
    static func take(in directory: String, as path: String) -> Int32? {
        // The spare is renamed before it is opened, because only one of several workers can rename it.
        guard names.contains(where: { SystemPath.rename("\(directory)/\($0)", toNew: path) }) else {
            return nil
        }
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        if file >= 0, OpenFolder.status(of: file)?.isRegularFile == true { return file }
        if file >= 0 { close(file) }
        unsafe _ = unlink(path)
        return nil
    }
}
