// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// The spares of a spool: files of segments that are no longer needed, which fetch workers write again.
///
/// The memory of a tmpfs then need not be freed and allocated for each body. The coordinator makes and
/// removes spares; a fetch worker takes one under the name of its next segment. No name of a segment is used
/// twice, so a late reader does not find another body under an old name.
enum SpareFiles {
    /// The names of the spares; there is at most one spare of each name.
    static let names = ["spare-0", "spare-1"]

    /// Makes the file of a segment a spare.
    ///
    /// - Returns: False if there are enough spares, the file is larger than `mostBytes`, or it cannot be
    ///   renamed. The file then keeps its name.
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

    /// Takes a spare of the spool `directory` and gives it the name of a new file, `path`.
    ///
    /// - Returns: A descriptor for writing, which the caller owns; `nil` if there is no spare that can be
    ///   used. No file is at `path` then, unless it was there before.
    static func take(in directory: String, as path: String) -> Int32? {
        // The file is renamed before it is opened: only one of several workers can rename it.
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
