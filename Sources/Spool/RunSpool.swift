// SPDX-License-Identifier: MIT
// fetchpool

package import Platform
package import PoolWire

/// The spool of a run: its folder, the bodies that wait in it, and its limit.
package struct RunSpool {
    /// The folder of the segments, which are the files with the bodies.
    package let directory: any SpoolFolder
    let limit: Int
    /// The size in bytes at which a fetch worker begins the next segment: from 64 KiB to 8 MiB.
    ///
    /// Within these bounds, the size is a quarter of `limit`, divided by the number of fetch workers and
    /// possible spares (`SpareFiles`) together. Spares, and segments in which no body is needed, do not count
    /// towards `limit`.
    package let segmentBytes: Int
    private(set) var ledger = SpoolLedger()
    /// True while a segment that is no longer needed may become a spare.
    private var keepsSpares: Bool
    /// True if a segment has become a spare since the last beat.
    private var hasNewSpare = false
    /// The time of the last beat at which `hasNewSpare` was true.
    ///
    /// The value is `nil` before the first such beat, and after the spares are removed.
    private var sparesSince: PoolTime?
    /// For each fetch worker that is stuck, the time since which the worker is stuck.
    ///
    /// A worker is stuck if its beats report a full or broken spool while no response waits or is being
    /// processed.
    private var stuck: [Int: PoolTime] = [:]
    /// The fetch workers whose last beat reported that the spool is full or broken.
    private var blocked: Set<Int> = []
    /// True while a body waits in a fetch worker because the spool is full or broken.
    package var isFileSystemFull: Bool { !blocked.isEmpty }
    /// For each fetch worker that cannot write to the spool, the time of the first beat with the fault.
    private var broken: [Int: PoolTime] = [:]

    /// The time after which a full or broken spool ends the run.
    ///
    /// Within this time, a fetch worker that can still write may begin its next segment, so that its
    /// earlier segment can be removed.
    private static let patience: PoolTime.Milliseconds = 10_000

    /// The time after which spares are removed if no further segment becomes a spare.
    ///
    /// Other programs can then use the memory of the spares while the run waits.
    private static let spareTime: PoolTime.Milliseconds = 2_000

    /// Creates a spool for up to `limit` waiting bytes in the folder `parent`.
    ///
    /// If `parent` is `nil`, the folder is in the default place (`SpoolPlace`). If `limit` is `nil`, the
    /// limit is `SpoolDirectory.usualLimit`. The other parameters are those of the next initializer.
    ///
    /// - Throws: `SpoolError` if the folder cannot be created.
    package init(in parent: String?, limit: Int?, workers: Int, keepsSpares: Bool) throws(SpoolError) {
        let directory = try SpoolDirectory(in: parent)
        let limit = limit ?? directory.usualLimit()
        self.init(directory, limit: limit, workers: workers, keepsSpares: keepsSpares)
    }

    /// Creates a spool in `directory`, for up to `limit` waiting bytes and for `workers` fetch workers.
    ///
    /// `keepsSpares` may be true only if the workers' beats are passed to `apply`, because `apply` removes
    /// idle spares.
    package init(_ directory: any SpoolFolder, limit: Int, workers: Int, keepsSpares: Bool) {
        (self.directory, self.limit, self.keepsSpares) = (directory, limit, keepsSpares)
        let places = workers + SpareFiles.names.count
        segmentBytes = min(8 << 20, max(limit / (4 * places), 64 << 10))
    }

    /// Returns true if `place` is valid in a report of `worker`: the body has at most `maxBytes` bytes, and
    /// is in an allowed place.
    ///
    /// The body must be in the worker's result, or in one of the worker's own segments at an offset below
    /// 1 TiB.
    package func admits(_ place: BodyPlace, of worker: Int, maxBytes: Int) -> Bool {
        guard place.bytes <= maxBytes else { return false }
        guard case .spooled(let segment, let offset, _, _) = place else { return true }
        return segment.worker == worker && offset < 1 << 40
    }

    /// Handles a fetch worker's beat: the current segment, and the report of a full or broken spool.
    ///
    /// - Returns: An error if the spool has been broken for 10 s, or has been full for 10 s while no response
    ///   waits or is being processed. The error is returned at once if the spool is broken and its folder is
    ///   not writable, or if a file reached the size limit. In all other cases, `nil`.
    package mutating func apply(_ beat: Beat, of worker: Int, at now: PoolTime) -> SpoolError? {
        if beat.isSpoolFull {
            blocked.insert(worker)
            // The space may be scarce, so this run makes no more spares.
            keepsSpares = false
            removeSpares()
        } else {
            blocked.remove(worker)
            removeIdleSpares(at: now)
        }
        if let fault = beat.spoolFault {
            // Some faults are temporary, for example a lack of descriptors. The worker keeps trying.
            let since = broken[worker, default: now]
            broken[worker] = since
            // The limit of file sizes applies in every folder, and does not change.
            if fault.hasSuffix(SpoolError.sizeLimitAdvice) {
                return SpoolError(String(fault.prefix(5_000)))
            }
            if !directory.isWritable || now >= since + Self.patience {
                return SpoolError("\(fault.prefix(500)); name another folder with --spool")
            }
        } else {
            broken[worker] = nil
        }
        var left: [SegmentName] = []
        if let segment = beat.segment, segment.worker == worker { left = ledger.reach(segment) }
        for segment in left { remove(segment) }
        guard beat.isSpoolFull, ledger.isEmpty, left.isEmpty else {
            stuck[worker] = nil
            return nil
        }
        guard let since = stuck[worker] else {
            stuck[worker] = now
            return nil
        }
        guard now >= since + Self.patience else { return nil }
        return SpoolError(
            "the spool '\(directory.path)' is full, and nothing in it can be removed; name another folder with --spool"
        )
    }

    /// True while no response waits or is being processed.
    package var isEmpty: Bool { ledger.isEmpty }

    /// Returns true if a fetch may be sent to a worker while `inFlight` other fetches are in flight.
    package func hasRoom(inFlight: Int) -> Bool { ledger.hasRoom(inFlight: inFlight, limit: limit) }

    /// Records a waiting response; `bytes` is the size in memory of the response and its task.
    ///
    /// A body in a segment shows that the worker of the segment can write. If the worker could not write
    /// before, its beats may still report the fault, until it has written all bodies that waited.
    package mutating func announce(_ place: BodyPlace, memoryBytes bytes: Int) {
        if case .spooled(let segment, _, _, _) = place {
            broken[segment.worker] = nil
            // A full or broken spool does not count as stuck while a response waits.
            stuck.removeAll()
        }
        for segment in ledger.announce(place, memoryBytes: bytes) { remove(segment) }
    }

    /// Notes the end of a fetch after which `announce` is not called.
    package mutating func noteOther() { ledger.noteOther() }

    /// Notes that a response is no longer needed; `bytes` is the number that `announce` got.
    package mutating func release(_ place: BodyPlace, memoryBytes bytes: Int) {
        for segment in ledger.release(place, memoryBytes: bytes) { remove(segment) }
    }

    /// Records the end of a fetch worker, and removes its segments, except segments with a needed body.
    package mutating func workerEnded(_ worker: Int) {
        blocked.remove(worker)
        broken[worker] = nil
        for segment in ledger.workerEnded(worker) { remove(segment) }
        let kept = ledger
        directory.removeSegments(of: worker) { kept.keeps($0) }
        // If this was the last fetch worker, no beat would remove the spares.
        removeSpares()
        // The removal may have freed space for the other fetch workers.
        stuck.removeAll()
    }

    /// Removes a segment, or makes the segment a spare.
    private mutating func remove(_ segment: SegmentName) {
        // Whether the file is removed or becomes a spare, fetch workers may be able to write again.
        stuck.removeAll()
        // Only a segment of a worker that counts as live becomes a spare. Such a worker has closed each
        // segment that is removed, but a worker that counts as ended may still have its last segment open.
        // Moreover, after the last worker has ended, no beat would remove the spare.
        guard keepsSpares, ledger.isWriting(segment.worker) else { return directory.remove(segment) }
        // The last body can make a segment much larger than `segmentBytes`.
        if directory.makeSpare(of: segment, upTo: 2 * segmentBytes) { hasNewSpare = true }
    }

    /// Removes the spares if no segment has become a spare for `spareTime`.
    private mutating func removeIdleSpares(at now: PoolTime) {
        if hasNewSpare { (hasNewSpare, sparesSince) = (false, now) }
        if let sparesSince, now >= sparesSince + Self.spareTime { removeSpares() }
    }

    private mutating func removeSpares() {
        guard hasNewSpare || sparesSince != nil else { return }
        (hasNewSpare, sparesSince) = (false, nil)
        directory.removeSpares()
    }
}

extension RunSpool {
    /// Returns the body of a response; `nil` if the response has no body, or if the body cannot be read.
    ///
    /// `bytes` is the line with the worker's result, which may contain the body.
    package func body(_ message: ResultMessage, in bytes: [UInt8]) -> [UInt8]? {
        let line = bytes.span
        switch message.body {
        case .inline:
            guard let range = message.response else { return nil }
            do throws(JSONSyntaxError) {
                let response = try JSONScanner.document(in: line, range: range)
                return try line.member("body", of: response).flatMap { line.text(of: $0) }
            } catch {
                return nil
            }
        case .spooled(let segment, let offset, let bytes, _):
            return directory.read(segment, offset: offset, bytes: bytes)
        case nil: return nil
        }
    }
}
