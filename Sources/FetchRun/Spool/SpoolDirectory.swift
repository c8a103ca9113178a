// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

/// The run's private folder for bodies that wait for processing, on tmpfs where there is one.
///
/// It holds a locked file; the next run removes folders whose lock is free, which a killed run left behind. Whatever is removed
/// is named in a folder that is held open: nobody can lead us elsewhere by exchanging names.
final class SpoolDirectory: SpoolFolder, Sendable {
    /// The folder, absolute.
    let path: String
    private let name: String
    private let place: OpenFolder
    let folder: OpenFolder
    private let lock: Int32

    /// Makes the folder, mode 0700, in `parent`, or where there is room by custom.
    ///
    /// - Throws: `RunError.io` naming `--spool` if it cannot be made.
    init(in parent: String?) throws(RunError) {
        let (place, path) = try SpoolPlace.open(parent)
        AbandonedSpools.remove(in: place)
        for _ in 0..<100 {
            let name = SpoolName.random()
            if unsafe mkdirat(place.descriptor, name, 0o700) != 0 {
                if errno == EEXIST { continue }
                throw .io(
                    "cannot make a spool in '\(path)': \(lastSystemError()); name another folder with --spool"
                )
            }
            guard let folder = OpenFolder(name, in: place) else { continue }
            // A folder may have got more from the one that it is in, such as its group.
            fchmod(folder.descriptor, 0o700)
            // Another run that began just now may have taken the folder, still empty, for an abandoned one.
            guard let lock = SpoolLock.make(in: folder) else { continue }
            (self.path, self.name) = (path == "/" ? "/" + name : path + "/" + name, name)
            (self.place, self.folder, self.lock) = (place, folder, lock)
            return
        }
        throw .io("cannot lock a spool in '\(path)': \(lastSystemError()); name another folder with --spool")
    }

    func remove(_ segment: SegmentName) {
        folder.remove(segment.description)
    }

    func removeSegments(of worker: Int, unless isKept: (SegmentName) -> Bool) {
        for name in folder.names {
            guard let segment = SegmentName(file: name), segment.worker == worker, !isKept(segment) else {
                continue
            }
            remove(segment)
        }
    }

    func removeAll() {
        AbandonedSpools.remove(name, folder, in: place)
    }

    /// Workers know it by its path, which may lead elsewhere by now, or nowhere.
    var isWritable: Bool {
        guard let found = OpenFolder(path: path)?.status, let status = folder.status else { return false }
        return found.isSame(as: status) && folder.mayBeWritten
    }

    deinit { close(lock) }

    /// Half of what is free there, and 256 MiB at most.
    func usualLimit() -> Int {
        var status = statvfs()
        guard unsafe fstatvfs(folder.descriptor, &status) == 0 else { return 256 << 20 }
        return min(256 << 20, Int(status.f_bavail) * Int(status.f_frsize) / 2)
    }

    func read(_ segment: SegmentName, offset: Int, bytes: Int) -> [UInt8]? {
        let descriptor = folder.open(segment.description, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard OpenFolder.status(of: descriptor)?.isRegularFile == true else { return nil }
        var body = [UInt8](repeating: 0, count: bytes)
        var got = 0
        while got < bytes {
            let count = unsafe body.withUnsafeMutableBytes { room in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[got...])
                return unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + got))
            }
            if count > 0 {
                got += count
            } else if count == 0 || errno != EINTR {
                return nil
            }
        }
        return body
    }
}

/// The name of a spool: `fetchpool-spool-` and six letters or digits.
enum SpoolName {
    private static let prefix = "fetchpool-spool-"
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// A new one.
    static func random() -> String {
        prefix
            + String(
                decoding: (0..<6).map { _ in letters[Int.random(in: letters.indices)] },
                as: UTF8.self
            )
    }

    /// True for a name that `random` may have made.
    static func isOne(_ name: String) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        let rest = name.utf8.dropFirst(prefix.utf8.count)
        return rest.count == 6 && rest.allSatisfy { letters.contains($0) }
    }
}

extension SegmentName {
    /// Reads the name of a file; `nil` if it is no segment's.
    init?(file name: String) {
        self.init(Array(name.utf8).span)
    }
}
