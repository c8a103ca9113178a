// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool

/// The spool of a run: its folder, the bodies that wait in it, and its limit.
struct RunSpool {
    let directory: any SpoolFolder
    let limit: Int
    private(set) var ledger = SpoolLedger()
    /// The times since which fetch workers have found no space although nothing waited, by worker.
    private var stuck: [Int: PoolTime] = [:]
    /// The times since which fetch workers could not write although the folder is writable, by worker.
    private var broken: [Int: PoolTime] = [:]

    /// The time after which a full or broken spool ends the run.
    ///
    /// Another worker leaves a segment with the second beat after writing to it, and a silent worker is ended
    /// after 6 s. Until then space may become free.
    private static let patience: PoolTime.Milliseconds = 10_000

    init(in parent: String?, limit: Int?) throws(RunError) {
        let directory = try SpoolDirectory(in: parent)
        self.init(directory, limit: limit ?? directory.usualLimit())
    }

    /// Creates a spool in `directory`, in which `limit` bytes may wait.
    init(_ directory: any SpoolFolder, limit: Int) {
        (self.directory, self.limit) = (directory, limit)
    }

    /// Returns the size at which a fetch worker leaves a segment: 8 MiB, or less for a small limit.
    ///
    /// The segments in which nothing waits, one for each worker, then take at most a quarter of the limit.
    /// The size is at least 64 KiB.
    func segmentBytes(workers: Int) -> Int {
        min(8 << 20, max(limit / (4 * workers), 64 << 10))
    }

    /// Returns true if a worker may name this place for a body: within its result, or in a segment of its
    /// own.
    func admits(_ place: BodyPlace, of worker: Int, maxBytes: Int) -> Bool {
        guard place.bytes <= maxBytes else { return false }
        guard case .spooled(let segment, let offset, _, _) = place else { return true }
        return segment.worker == worker && offset < 1 << 40
    }

    /// Handles a beat of a fetch worker: its current segment, and its report of a full or broken spool.
    ///
    /// - Returns: An error if the worker found no space for 10 s while nothing waited and nothing was
    ///   removed. Also an error if the worker could not write for 10 s, or at once if nobody can write to the
    ///   folder.
    mutating func heed(_ beat: Beat, of worker: Int, at now: PoolTime) -> RunError? {
        if let fault = beat.spoolFault {
            // The worker may have run out of descriptors or be mistaken; it retries all the time.
            let since = broken[worker, default: now]
            broken[worker] = since
            if !directory.isWritable || now >= since + Self.patience {
                return .io("\(fault.prefix(500)); name another folder with --spool")
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
        return .io(
            "the spool '\(directory.path)' is full, and nothing in it can go; name another folder with --spool"
        )
    }

    /// Returns true if another fetch may be sent to a worker.
    func hasRoom(inFlight: Int) -> Bool { ledger.hasRoom(inFlight: inFlight, limit: limit) }

    /// Records a waiting response; `bytes` is its size in memory.
    mutating func announce(_ place: BodyPlace, responseBytes bytes: Int) {
        for segment in ledger.announce(place, responseBytes: bytes) { remove(segment) }
    }

    /// Records that a response is no longer needed.
    mutating func release(_ place: BodyPlace, responseBytes bytes: Int) {
        for segment in ledger.release(place, responseBytes: bytes) { remove(segment) }
    }

    /// Records the end of a fetch worker; segments that the worker did not report are removed.
    mutating func workerEnded(_ worker: Int) {
        broken[worker] = nil
        for segment in ledger.workerEnded(worker) { remove(segment) }
        let kept = ledger
        directory.removeSegments(of: worker) { kept.keeps($0) }
        // The removed segments freed space as well.
        stuck.removeAll()
    }

    /// Removes a segment, which may free space for all workers that wait for it.
    private mutating func remove(_ segment: SegmentName) {
        directory.remove(segment)
        stuck.removeAll()
    }
}

extension RunSpool {
    /// Returns the body of a response that waits here; `nil` if it cannot be read.
    ///
    /// `bytes` is the line with the worker's result.
    func body(_ answer: Answer, in bytes: [UInt8]) -> [UInt8]? {
        let line = bytes.span
        switch answer.body {
        case .inline:
            guard let range = answer.response else { return nil }
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

/// The segments of the spool and the bodies still needed in them; decides about the spool without touching
/// its files.
///
/// A segment is removed when each body named in it has its final record *and* its worker has named a later
/// segment or has ended.
struct SpoolLedger: Sendable {
    private struct Segment {
        /// The end of the last announced body in the segment.
        var end = 0
        /// The bytes written since the segment last held no needed body.
        var waiting = 0
        var needed = 0
        var isClosed = false
    }

    private var segments: [SegmentName: Segment] = [:]
    private var newest: [Int: SegmentName] = [:]
    /// The number of bytes that wait in segments.
    ///
    /// A segment without a needed body counts as 0, even if its worker may still write to it. If it counted,
    /// fetching would wait for its removal. The segment is removed only when its worker leaves it, which
    /// takes another fetch.
    private(set) var segmentBytes = 0
    /// The bytes of responses that wait in memory, including inline bodies and header fields.
    private(set) var memoryBytes = 0
    private var bodies = 0
    private var bodyBytes = 0
    /// The number of responses that wait or are being processed.
    private var held = 0

    /// The limit of held responses above which no fetch begins.
    ///
    /// Each costs the coordinator some hundred bytes that the byte limit does not count. Fewer keep workers
    /// busy that take 10 ms for each response.
    static let mostHeld = 4_096

    /// Records a body that a worker announced; returns the segments that can be removed now.
    ///
    /// A worker must not name a segment that it has left.
    mutating func announce(_ place: BodyPlace, responseBytes: Int) -> [SegmentName] {
        memoryBytes += responseBytes
        bodies += 1
        held += 1
        bodyBytes += place.bytes
        guard case .spooled(let name, let offset, let bytes, _) = place else { return [] }
        var segment = segments[name] ?? Segment()
        let grown = max(segment.end, offset + bytes) - segment.end
        segmentBytes += grown
        segment.end += grown
        segment.waiting += grown
        segment.needed += 1
        segments[name] = segment
        return reach(name)
    }

    /// Records the segment that a worker writes to now; returns the segments that can be removed now.
    mutating func reach(_ name: SegmentName) -> [SegmentName] {
        let last = newest.updateValue(name, forKey: name.worker)
        guard let last, last != name else { return [] }
        return close(last)
    }

    /// Records that a body is no longer needed; returns the segments that can be removed now.
    mutating func release(_ place: BodyPlace, responseBytes: Int) -> [SegmentName] {
        memoryBytes -= responseBytes
        held -= 1
        guard case .spooled(let name, _, _, _) = place, var segment = segments[name] else { return [] }
        segment.needed -= 1
        if segment.needed == 0 {
            segmentBytes -= segment.waiting
            segment.waiting = 0
        }
        segments[name] = segment
        return removeIfDone(name)
    }

    /// Records the end of a fetch worker; returns the segments that can be removed now.
    mutating func workerEnded(_ worker: Int) -> [SegmentName] {
        guard let last = newest.removeValue(forKey: worker) else { return [] }
        return close(last)
    }

    /// Returns true if a segment must not be removed yet.
    func keeps(_ name: SegmentName) -> Bool { segments[name] != nil }

    /// Returns true if another fetch may be sent to a worker while `inFlight` fetches are in flight.
    func hasRoom(inFlight: Int, limit: Int) -> Bool {
        guard held < Self.mostHeld else { return false }
        // Each response in flight is estimated at the mean size of those received.
        let mean = bodies == 0 ? 0 : bodyBytes / bodies
        return segmentBytes + memoryBytes + mean * inFlight <= limit || isEmpty && inFlight == 0
    }

    /// True while no response waits.
    var isEmpty: Bool { segmentBytes == 0 && memoryBytes == 0 }

    private mutating func close(_ name: SegmentName) -> [SegmentName] {
        segments[name]?.isClosed = true
        return removeIfDone(name)
    }

    private mutating func removeIfDone(_ name: SegmentName) -> [SegmentName] {
        guard let segment = segments[name], segment.isClosed, segment.needed == 0 else { return [] }
        segments[name] = nil
        return [name]
    }
}
