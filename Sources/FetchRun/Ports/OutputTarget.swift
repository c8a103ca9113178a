// SPDX-License-Identifier: MIT
// fetchpool

import Decompression
import Glibc
import Platform
import PoolWire

extension OutputThread {
    /// The file, pipe, socket or device that records are written to.
    struct Target: Sendable {
        let name: String
        /// The descriptor; −1 for a named pipe that is not open.
        private(set) var descriptor: Int32
        let isFile: Bool
        /// True if each write must reach the disk.
        private(set) var syncs = false
        /// The function that returns false if the file system reports the failure of an earlier write; tests
        /// can replace it.
        var isWritten: @Sendable (Int32) -> Bool = isWrittenOut
        /// True for a regular file that `open` opened, unless the file already had no name.
        private var hasName = false
        /// The path of a named pipe that is not open yet; `nil` for any other target.
        private var pipe: String?

        /// Creates a target for an open descriptor.
        init(name: String, descriptor: Int32, isFile: Bool) {
            (self.name, self.descriptor, self.isFile) = (name, descriptor, isFile)
        }

        private init(pipe: String) {
            (name, descriptor, isFile, self.pipe) = (pipe, -1, false, pipe)
        }

        /// Creates a target for a descriptor that this process has inherited from its parent.
        ///
        /// A regular file is not locked, because a lock would last as long as the parent's descriptor.
        private init(inherited descriptor: Int32, name: String, syncs: Bool = false) {
            let isFile = OpenFolder.status(of: descriptor)?.isRegularFile ?? false
            self.init(name: name, descriptor: descriptor, isFile: isFile)
            self.syncs = syncs
        }

        /// Standard output, which may be a regular file.
        static let standardOutput = Target(inherited: 1, name: "standard output")

        /// Opens a file for appending, and creates it if it is missing; `-` is standard output.
        ///
        /// The function adds a line feed if the last line of the file has none. It refuses a compressed file,
        /// because unpacking would not show the appended records. In a run that `resumes`, the function
        /// does neither: the journal repairs the last line, and refuses a compressed file. The function
        /// also does neither for standard output, or for a descriptor that it must copy
        /// (`NamedDescriptor.copy`). A named pipe is opened later, by `openPipe`.
        ///
        /// A regular file that this function opens is locked until it is closed (flock(2)). Without the lock,
        /// two runs could append records with the same ids. If the file system has no locks, the file stays
        /// unlocked. If the lock makes the file unreadable, as on some network file systems, the function
        /// releases the lock.
        ///
        /// Records are written to a descriptor that is opened only for writing. If this process had a pipe
        /// open for reading too, no write would fail after all other readers have closed the pipe.
        ///
        /// With `syncs`, the function also waits until the name of the file is on the disk.
        ///
        /// `lastByte` is the function that reads the last byte, and `syncFolder` is fsync(2) for the folder;
        /// tests can replace both.
        ///
        /// - Throws: `RunError.io` if the file cannot be written, is compressed, or is locked by another run,
        ///   or if its end cannot be read. With `resumes` or `syncs`, also if `name` is not `-` and leads to
        ///   something other than a regular file.
        static func open(
            _ name: String,
            resumes: Bool = false,
            syncs: Bool = false,
            lastByte: (Int32) -> UInt8? = Target.lastByte(of:),
            syncFolder: (Int32) -> Int32 = fsync
        ) throws(RunError) -> Target {
            if name == "-" { return .standardOutput }
            // Opening a pipe waits for its reader. The output thread opens the pipe, so that a signal can
            // still end the run.
            if !resumes, !syncs, SystemPath.status(of: name)?.isPipe == true { return Target(pipe: name) }
            if let status = SystemPath.status(of: name), resumes || syncs, !status.isRegularFile {
                let option = resumes ? "--resume" : "--fsync"
                throw .io("--output '\(name)' is not a regular file, which \(option) needs")
            }
            let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY
            let descriptor = unsafe Glibc.open(name.systemPath, flags, 0o644)
            if descriptor < 0, let copy = NamedDescriptor.copy(insteadOf: name, flags) {
                return Target(inherited: copy, name: name, syncs: syncs)
            }
            guard descriptor >= 0, let status = OpenFolder.status(of: descriptor) else {
                throw refusal(name)
            }
            if status.isRegularFile {
                do throws(RunError) {
                    if syncs { try sync(folderOf: name, by: syncFolder) }
                    try lock(descriptor, name)
                    let reader = reader(of: name, status)
                    defer { if reader >= 0 { Glibc.close(reader) } }
                    if reader >= 0 {
                        unlock(descriptor, ifUnreadable: reader, lastByte)
                        if !resumes { try prepare(descriptor, reader, name, lastByte) }
                    } else if errno != 0, !resumes, status.st_size > 0 {
                        throw unreadableEnd(name)
                    }
                } catch {
                    Glibc.close(descriptor)
                    throw error
                }
            }
            var target = Target(name: name, descriptor: descriptor, isFile: status.isRegularFile)
            target.syncs = syncs
            // A name such as /dev/fd/3 can lead to a file that was removed before the run.
            target.hasName = status.isRegularFile && status.st_nlink > 0
            return target
        }

        /// Waits until the name of a file is on the disk; the sync of a file need not do this (fsync(2)).
        ///
        /// Some file systems refuse the sync of a folder, and not each folder can be opened.
        ///
        /// - Throws: `RunError.io` if the disk fails.
        private static func sync(folderOf name: String, by sync: (Int32) -> Int32) throws(RunError) {
            guard let path = SystemPath.resolved(name), let slash = path.lastIndex(of: "/") else { return }
            let folder = unsafe Glibc.open(
                String(path[...slash]).systemPath,
                O_RDONLY | O_DIRECTORY | O_CLOEXEC
            )
            guard folder >= 0 else { return }
            defer { Glibc.close(folder) }
            while sync(folder) != 0 {
                if [EIO, ENOSPC, EDQUOT].contains(errno) { throw refusal(name) }
                if errno != EINTR { return }
            }
        }

        /// True if the file has no name any more, so that nobody can open it after this process has ended.
        var wasRemoved: Bool { hasName && OpenFolder.status(of: descriptor)?.st_nlink == 0 }

        /// Waits until everything that was written is on the disk; does nothing unless `syncs` is true.
        ///
        /// - Returns: The error; `nil` on success.
        func sync() -> RunError? {
            guard syncs else { return nil }
            while fdatasync(descriptor) != 0 {
                guard errno == EINTR else {
                    return .io("cannot write --output '\(name)' to the disk: \(lastSystemError())")
                }
            }
            return nil
        }

        /// Returns an error if the file system has not taken all that was written; `nil` if it has.
        func checkWritten() -> RunError? {
            guard descriptor >= 0, !isWritten(descriptor) else { return nil }
            return .io("cannot write \(name): \(lastSystemError()); its last records may be missing")
        }

        /// Opens a named pipe, and waits for its reader; does nothing for any other target.
        ///
        /// - Returns: The error; `nil` on success.
        mutating func openPipe() -> RunError? {
            guard let pipe else { return nil }
            repeat {
                descriptor = NamedDescriptor.open(pipe, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY)
            } while descriptor < 0 && errno == EINTR
            self.pipe = nil
            return descriptor < 0 ? Self.refusal(name) : nil
        }

        private static func refusal(_ name: String) -> RunError {
            .io("cannot write --output '\(name)': \(lastSystemError())")
        }

        /// Locks the file until it is closed; does nothing if the file system has no locks.
        ///
        /// - Throws: `RunError.io` if another run has the lock.
        private static func lock(_ descriptor: Int32, _ name: String) throws(RunError) {
            guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
            throw .io(
                "cannot write --output '\(name)': another run writes to this file; wait until that run has ended, or name another file"
            )
        }

        /// Opens the file a second time, for reading; `appended` is the status of the file that is open for
        /// appending.
        ///
        /// - Returns: A descriptor that the caller owns. If the file cannot be opened, the result is −1,
        ///   with the reason in `errno`. If `name` now leads to another file than `appended`, the result is
        ///   −1, with 0 in `errno`.
        private static func reader(of name: String, _ appended: stat) -> Int32 {
            let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
            let reader = unsafe Glibc.open(name.systemPath, flags)
            guard reader >= 0, OpenFolder.status(of: reader)?.isSame(as: appended) != true else {
                return reader
            }
            Glibc.close(reader)
            errno = 0
            return -1
        }

        /// Releases the lock if it forbids reading the file through `reader`.
        ///
        /// On an SMB share, a lock of flock(2) is mandatory since Linux 5.5: only the descriptor that has the
        /// lock can read the file. But the journal and other programs, such as tail(1), use other
        /// descriptors.
        private static func unlock(
            _ descriptor: Int32,
            ifUnreadable reader: Int32,
            _ lastByte: (Int32) -> UInt8?
        ) {
            if lastByte(reader) == nil, errno == EACCES { flock(descriptor, LOCK_UN) }
        }

        /// Adds a line feed to the file if its last line has none.
        ///
        /// - Throws: `RunError.io` if the file is compressed, or cannot be read or written.
        private static func prepare(
            _ descriptor: Int32,
            _ reader: Int32,
            _ name: String,
            _ lastByte: (Int32) -> UInt8?
        ) throws(RunError) {
            if let format = Compression.format(of: reader) {
                throw .io(
                    "cannot write --output '\(name)': it is compressed with \(format.rawValue); unpack it first, or name another file"
                )
            }
            guard let last = lastByte(reader) else {
                if errno == 0 { return }
                throw unreadableEnd(name)
            }
            guard last != 0x0A else { return }
            var lineEnd: UInt8 = 0x0A
            guard unsafe Glibc.write(descriptor, &lineEnd, 1) == 1 else { throw refusal(name) }
        }

        /// The error if it is not known whether the last line is complete; `errno` has the reason.
        private static func unreadableEnd(_ name: String) -> RunError {
            .io("cannot read the last line of --output '\(name)': \(lastSystemError())")
        }

        /// Returns the last byte of a regular file; `nil` if no byte can be read, with the reason in `errno`.
        ///
        /// The reason is 0 for an empty file.
        static func lastByte(of file: Int32) -> UInt8? {
            guard let status = OpenFolder.status(of: file) else { return nil }
            var byte: UInt8 = 0
            errno = 0
            return unsafe pread(file, &byte, 1, max(status.st_size - 1, 0)) == 1 ? byte : nil
        }
    }
}
