// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
package import PoolWire

/// Appends whole bodies to this worker's segments, files in the run's private directory.
///
/// It creates files and never removes one: that is the coordinator's. The descriptor of the current segment is owned
/// here; a segment that is left is closed.
package final class SpoolWriter {
    /// Why a body could not be written.
    package enum Failure: Error, Hashable {
        /// The file system is full; there may be room later. Nothing of the body is left behind.
        case full
        /// The body is larger than the file system, which has so many bytes; nothing of it is left behind.
        case tooLarge(Int)
        /// Anything else; the text is for people.
        case broken(String)
    }

    private let directory: String
    private var segments: SpoolSegments
    private var file: Int32 = -1
    /// Whether a body was written since `leaveIfUnused` was last called.
    private var isUsed = false

    /// A writer for worker number `worker`; no file is made before the first body.
    package init(directory: String, worker: Int, segmentBytes: Int) {
        self.directory = directory
        segments = SpoolSegments(worker: worker, maxBytes: segmentBytes)
    }

    deinit { if file >= 0 { close(file) } }

    /// Writes a body.
    ///
    /// - Returns: The segment, and where in it the body begins.
    /// - Throws: `Failure`; after `full`, which leaves the segment so that it can go, the same body may be given again.
    package func append(_ body: [UInt8]) throws(Failure) -> (segment: SegmentName, offset: Int) {
        let before = segments.current
        defer {
            if segments.current != before, file >= 0 {
                close(file)
                file = -1
            }
        }
        do throws(Failure) {
            if file < 0 { file = try create() }
            try write(body)
        } catch {
            guard error == .full else { throw error }
            segments.leave()
            if let size = fileSystemBytes, body.count > size - Self.slackBytes { throw .tooLarge(size) }
            throw .full
        }
        isUsed = true
        return segments.add(bytes: body.count)
    }

    /// Leaves a segment that nothing was written to since this was last called, so that its room comes back to others.
    package func leaveIfUnused() {
        defer { isUsed = false }
        guard !isUsed, segments.used > 0 else { return }
        segments.leave()
        if file >= 0 { close(file) }
        file = -1
    }

    /// The segment that the next body goes to; nothing more comes into earlier ones.
    package var segment: SegmentName { segments.current }

    /// What a file system keeps for itself, at the least.
    private static let slackBytes = 64 << 10

    /// The size of the file system, used or not; `nil` if that is not known, or without a limit.
    private var fileSystemBytes: Int? {
        var status = statvfs()
        guard unsafe statvfs(directory, &status) == 0, status.f_blocks > 0 else { return nil }
        let (bytes, overflow) = Int(status.f_blocks).multipliedReportingOverflow(by: Int(status.f_frsize))
        return overflow ? nil : bytes
    }

    private func create() throws(Failure) -> Int32 {
        let path = "\(directory)/\(segments.current)"
        // Exclusive and without following links: a name that is there already is somebody else's.
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
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
                return unsafe pwrite(file, rest.baseAddress, rest.count, segments.used + written)
            }
            if count > 0 {
                written += count
                continue
            }
            let number = errno
            if count < 0, number == EINTR { continue }
            // What was written counts against the file system that is full.
            ftruncate(file, segments.used)
            if count == 0 || Self.isFull(number) { throw .full }
            throw .broken("the spool '\(directory)' could not be written: \(systemError(number))")
        }
    }

    private static func isFull(_ number: Int32) -> Bool { number == ENOSPC || number == EDQUOT }
}
