// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
package import PoolWire

/// A writer that appends bodies to this worker's segments, which are files in the run's private directory.
///
/// The writer creates the files or takes spares (`SpareFiles`); the coordinator removes the files.
package final class SpoolWriter {
    /// The reasons why a body could not be written.
    package enum Failure: Error, Hashable {
        /// The file system is full, or the user's quota is used up.
        ///
        /// There may be space later.
        case full
        /// The body would not fit even if the file system were empty.
        ///
        /// The value is the file system's size in bytes.
        case tooLarge(Int)
        /// Any other error; the text is for people.
        case broken(String)
    }

    private let directory: String
    /// The function that the writer calls after a write or a close, which a slow disk can make long.
    private let noteWork: () -> Void
    private var segments: SpoolSegments
    private var file: Int32 = -1
    /// True if a body was written since the last call of `leaveIfUnused`.
    private var isUsed = false
    /// True while the file may have bytes of an earlier segment behind the bodies of the current segment.
    private var hasOldBytes = false

    /// The largest number of bytes that one call of pwrite(2) writes.
    ///
    /// A coordinator ends a worker after five seconds of silence. On a disk that writes 1 MB/s, a call that
    /// writes a whole body of 32 MiB would take longer.
    private static let pieceBytes = 1 << 20

    /// Creates a writer for the worker with the number `worker`.
    ///
    /// The writer calls `noteWork` after each write of up to 1 MiB and after each close of a file. The worker
    /// can then show that it is alive.
    package init(directory: String, worker: Int, segmentBytes: Int, noteWork: @escaping () -> Void = {}) {
        (self.directory, self.noteWork) = (directory, noteWork)
        segments = SpoolSegments(worker: worker, maxBytes: segmentBytes)
    }

    deinit { if file >= 0 { close(file) } }

    /// Writes a body.
    ///
    /// - Returns: The segment, and the offset at which the body begins.
    /// - Throws: `Failure`.
    package func append(_ body: [UInt8]) throws(Failure) -> (segment: SegmentName, offset: Int) {
        do throws(Failure) {
            if body.count > fileSizeLimit - segments.used { leave() }
            leaveRemovedFile()
            if file < 0 { file = try create() }
            try write(body)
        } catch {
            guard error == .full else { throw error }
            // The coordinator can free the space of a segment that the writer has left.
            leave()
            if let size = fileSystemBytes, body.count > size - Self.slackBytes { throw .tooLarge(size) }
            throw .full
        }
        isUsed = true
        let end = segments.used + body.count
        let place = segments.add(bytes: body.count)
        if segments.current != place.segment { closeFile(at: end) }
        return place
    }

    /// Closes the current segment if it has bodies, but got no body since the last call.
    ///
    /// The coordinator can then free the space of the closed segment. Whether or not the segment is closed,
    /// the call cuts off the old bytes behind the bodies in a file that was a spare.
    package func leaveIfUnused() {
        defer { isUsed = false }
        cutOldBytes(at: segments.used)
        if !isUsed { leave() }
    }

    /// Moves on to the next segment, unless the current segment is empty.
    private func leave() {
        let end = segments.used
        guard end > 0 else { return }
        segments.leave()
        closeFile(at: end)
    }

    /// Closes the current file if another program has removed it.
    ///
    /// Nobody could open such a file to read a body. The coordinator removes no file to which its worker
    /// still writes.
    private func leaveRemovedFile() {
        guard file >= 0, OpenFolder.status(of: file)?.st_nlink == 0 else { return }
        hasOldBytes = false
        if segments.used > 0 { leave() } else { closeFile(at: 0) }
    }

    /// Closes the file of a segment whose bodies end at `end`.
    private func closeFile(at end: Int) {
        cutOldBytes(at: end)
        guard file >= 0 else { return }
        // Over NFS, close(2) waits until the server has the bytes.
        close(file)
        file = -1
        noteWork()
    }

    private func cutOldBytes(at end: Int) {
        guard hasOldBytes else { return }
        hasOldBytes = false
        ftruncate(file, end)
    }

    /// The segment for the next body; earlier segments get no more bodies.
    package var segment: SegmentName { segments.current }

    /// The number of bytes that a file system is assumed to need for itself.
    private static let slackBytes = 64 << 10

    /// The total size of the file system in bytes; `nil` if the size is unknown or unlimited.
    private var fileSystemBytes: Int? {
        var status = statvfs()
        guard unsafe statvfs(directory, &status) == 0, status.f_blocks > 0 else { return nil }
        let (bytes, overflow) = Int(status.f_blocks).multipliedReportingOverflow(by: Int(status.f_frsize))
        return overflow ? nil : bytes
    }

    /// The limit on the size of a file (RLIMIT_FSIZE of getrlimit(2)), in bytes; `Int.max` if there is none.
    private let fileSizeLimit: Int = {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { return .max }
        return Int(clamping: limit.rlim_cur)
    }()

    private func create() throws(Failure) -> Int32 {
        let path = "\(directory)/\(segments.current)"
        if let spare = SpareFiles.take(in: directory, as: path) {
            hasOldBytes = true
            return spare
        }
        // `O_EXCL`: apart from spares, the writer may write only to files that it has created.
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let new = unsafe open(path, flags, 0o600)
        if new >= 0 { return new }
        let number = errno
        if Self.isFull(number) { throw .full }
        throw .broken("the spool file '\(path)' could not be made: \(systemError(number))")
    }

    private func write(_ body: [UInt8]) throws(Failure) {
        var written = 0
        while written < body.count {
            let count = unsafe body.withUnsafeBytes { bytes in
                let end = min(written + Self.pieceBytes, bytes.count)
                let piece = unsafe UnsafeRawBufferPointer(rebasing: bytes[written..<end])
                return unsafe pwrite(file, piece.baseAddress, piece.count, segments.used + written)
            }
            if count > 0 {
                written += count
                noteWork()
                continue
            }
            let number = errno
            if count < 0, number == EINTR { continue }
            // An incomplete body would only take space.
            ftruncate(file, segments.used)
            if count == 0 || Self.isFull(number) { throw .full }
            let advice = number == EFBIG ? SpoolError.sizeLimitAdvice : ""
            throw .broken("the spool '\(directory)' could not be written: \(systemError(number))\(advice)")
        }
    }

    private static func isFull(_ number: Int32) -> Bool { number == ENOSPC || number == EDQUOT }
}
