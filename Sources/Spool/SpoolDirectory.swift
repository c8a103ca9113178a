// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
package import PoolWire

/// The private folder of a run for bodies that wait for processing.
package final class SpoolDirectory: SpoolFolder, Sendable {
    /// The absolute path of the folder.
    package let path: String
    private let name: String
    private let place: OpenFolder
    let folder: OpenFolder
    private let lock: Int32

    /// Creates the folder, with mode 0700, in `parent`, or in the default place if `parent` is `nil`.
    ///
    /// The initializer also removes spools that killed runs left behind in this place.
    ///
    /// - Throws: `SpoolError` if the place cannot be used, or if the folder cannot be created and locked.
    package init(in parent: String?) throws(SpoolError) {
        let (place, path) = try SpoolPlace.open(parent)
        AbandonedSpools.remove(in: place)
        for _ in 0..<100 {
            let name = SpoolName.random()
            if unsafe mkdirat(place.descriptor, name, 0o700) != 0 {
                if errno == EEXIST { continue }
                throw SpoolError(
                    "cannot make a spool in '\(path)': \(lastSystemError()); name another folder with --spool"
                )
            }
            // The new folder may have inherited mode bits from its parent, such as the set-group-ID bit.
            let folder = OpenFolder(name, in: place)
            if let folder { fchmod(folder.descriptor, 0o700) }
            guard let folder, let lock = SpoolLock.make(in: folder) else {
                let reason = errno
                place.removeFolder(name)
                // Another run that started just now may have removed the empty folder as an abandoned spool.
                if reason == ENOENT { continue }
                throw Self.refusal(systemError(reason), path)
            }
            (self.path, self.name) = (path == "/" ? "/" + name : path + "/" + name, name)
            (self.place, self.folder, self.lock) = (place, folder, lock)
            return
        }
        throw Self.refusal("other runs remove it", path)
    }

    private static func refusal(_ reason: String, _ path: String) -> SpoolError {
        SpoolError("cannot lock a spool in '\(path)': \(reason); name another folder with --spool")
    }

    package func remove(_ segment: SegmentName) {
        folder.remove(segment.description)
    }

    package func makeSpare(of segment: SegmentName, upTo mostBytes: Int) -> Bool {
        if SpareFiles.add(segment, in: folder, upTo: mostBytes) { return true }
        remove(segment)
        return false
    }

    package func removeSpares() {
        SpareFiles.removeAll(in: folder)
    }

    package func removeSegments(of worker: Int, unless isKept: (SegmentName) -> Bool) {
        for name in folder.names {
            guard let segment = SegmentName(file: name), segment.worker == worker, !isKept(segment) else {
                continue
            }
            remove(segment)
        }
    }

    package func removeAll() {
        AbandonedSpools.remove(name, folder, in: place)
    }

    package func lacks(_ segment: SegmentName) -> Bool {
        folder.status(of: segment.description) == nil && errno == ENOENT
    }

    package var isWritable: Bool {
        guard let found = OpenFolder(path: path)?.status, let status = folder.status else { return false }
        return found.isSame(as: status) && folder.mayBeWritten
    }

    deinit { close(lock) }

    /// Returns the default limit in bytes for the bodies of a run (`limit(freeBytes:memoryLimit:)`).
    func usualLimit() -> Int {
        Self.limit(
            freeBytes: folder.freeBytes,
            memoryLimit: folder.isInMemory ? MemoryLimit.current() : nil
        )
    }

    private static let mostBytes = 256 << 20

    /// Returns the default limit in bytes: half of the file system's free space, a quarter of the memory
    /// limit, or 256 MiB, whichever is smallest.
    ///
    /// `memoryLimit` is the limit of this process's control groups if the spool is in memory; `nil` if the
    /// spool is not in memory, or if there is no such limit. A spool in memory shares this limit with all
    /// processes of the run.
    static func limit(freeBytes: UInt64, memoryLimit: Int?) -> Int {
        min(mostBytes, Int(freeBytes / 2), memoryLimit.map { $0 / 4 } ?? mostBytes)
    }

    package func read(_ segment: SegmentName, offset: Int, bytes: Int) -> [UInt8]? {
        let descriptor = folder.open(segment.description, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return try? SegmentFile.read(descriptor, offset: offset, count: bytes)
    }
}

/// The name of a spool: `fetchpool-spool-` and six letters or digits.
enum SpoolName {
    private static let prefix = "fetchpool-spool-"
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    static func random() -> String {
        prefix
            + String(
                decoding: (0..<6).map { _ in letters[Int.random(in: letters.indices)] },
                as: UTF8.self
            )
    }

    /// Returns true for a name that `random` can return.
    static func isOne(_ name: String) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        let rest = name.utf8.dropFirst(prefix.utf8.count)
        return rest.count == 6 && rest.allSatisfy { letters.contains($0) }
    }
}

extension SegmentName {
    /// Creates the name from a file's name; `nil` if no segment can have this name.
    init?(file name: String) {
        self.init(Array(name.utf8).span)
    }
}
