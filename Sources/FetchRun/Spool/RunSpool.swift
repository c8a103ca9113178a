// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool

/// The spool of one run: its folder, what waits in it, and how much may.
struct RunSpool {
    let directory: any SpoolFolder
    let limit: Int
    private(set) var ledger = SpoolLedger()
    /// Since when fetch workers have found no room although nothing waited any more.
    private var stuck: [Int: PoolTime] = [:]
    /// Since when fetch workers have not been able to write although the folder is as it was.
    private var broken: [Int: PoolTime] = [:]

    /// Others leave a segment with the second beat after they wrote to it, and one that has fallen silent is ended after
    /// 6 s; until then room may still come.
    private static let patience: PoolTime.Milliseconds = 10_000

    init(in parent: String?, limit: Int?) throws(RunError) {
        let directory = try SpoolDirectory(in: parent)
        self.init(directory, limit: limit ?? directory.usualLimit())
    }

    /// A spool in `directory`, where `limit` bytes may wait.
    init(_ directory: any SpoolFolder, limit: Int) {
        (self.directory, self.limit) = (directory, limit)
    }

    /// The size at which a fetch worker leaves a segment: 8 MiB, or so much less that the segments in which nothing
    /// waits any more, one for each worker, take a quarter of the limit at most.
    func segmentBytes(workers: Int) -> Int {
        min(8 << 20, max(limit / (4 * workers), 64 << 10))
    }

    /// Whether a body may be where its worker says that it is: in a segment of the worker's own.
    func admits(_ place: BodyPlace, of worker: Int, maxBytes: Int) -> Bool {
        guard place.bytes <= maxBytes else { return false }
        guard case .spooled(let segment, let offset, _, _) = place else { return true }
        return segment.worker == worker && offset < 1 << 40
    }

    /// Heeds where a fetch worker has got to, and that it finds no room.
    ///
    /// - Returns: An error if it found none for 10 s while nothing waited and nothing went, so that nothing more can go, or could
    ///   not write for so long; at once where nobody can write there any more.
    mutating func heed(_ beat: Beat, of worker: Int, at now: PoolTime) -> RunError? {
        if let fault = beat.spoolFault {
            // Its own descriptors may have run out, or it is mistaken; it tries again all the time.
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

    /// Whether another fetch may be handed out.
    func hasRoom(inFlight: Int) -> Bool { ledger.hasRoom(inFlight: inFlight, limit: limit) }

    /// Notes a response that waits; `bytes` are those of it in memory.
    mutating func announce(_ place: BodyPlace, responseBytes bytes: Int) {
        for segment in ledger.announce(place, responseBytes: bytes) { remove(segment) }
    }

    /// Notes that a response is needed no more.
    mutating func release(_ place: BodyPlace, responseBytes bytes: Int) {
        for segment in ledger.release(place, responseBytes: bytes) { remove(segment) }
    }

    /// Notes that a fetch worker has ended; what it wrote without saying so goes.
    mutating func workerEnded(_ worker: Int) {
        broken[worker] = nil
        for segment in ledger.workerEnded(worker) { remove(segment) }
        let kept = ledger
        directory.removeSegments(of: worker) { kept.keeps($0) }
        // What it wrote without saying so made room too.
        stuck.removeAll()
    }

    /// Something goes, so there may be room again for all who wait for some.
    private mutating func remove(_ segment: SegmentName) {
        directory.remove(segment)
        stuck.removeAll()
    }
}

extension RunSpool {
    /// The body of a response that waits here, whose answer lies in `line`; `nil` if it cannot be read.
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

/// Which segments of the spool exist and what in them is still needed; the decisions of the spool, without its files.
///
/// A segment goes when each body named in it has its final record *and* its worker has named a later one or has ended.
struct SpoolLedger: Sendable {
    private struct Segment {
        /// Where the last body that was announced ends.
        var end = 0
        /// The bytes written since nothing in it was needed.
        var waiting = 0
        var needed = 0
        var isClosed = false
    }

    private var segments: [SegmentName: Segment] = [:]
    private var newest: [Int: SegmentName] = [:]
    /// Bytes that wait in segments.
    ///
    /// A segment in which nothing is needed counts nothing, though its worker may yet write on in it: were it counted,
    /// fetching would wait for it to go, and it for the fetch that makes its worker leave it.
    private(set) var segmentBytes = 0
    /// Bytes of responses that wait in memory, inline bodies and header fields included.
    private(set) var memoryBytes = 0
    private var bodies = 0
    private var bodyBytes = 0
    /// Responses that wait or are processed.
    private var held = 0

    /// The most that are held before no more is fetched: each costs the coordinator some hundred bytes beside its own, which
    /// the limit does not count, and workers that have 10 ms of work each are kept busy by less.
    static let mostHeld = 4_096

    /// Notes a body that a worker announced; returns the segments that may go now.
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

    /// Notes the segment that a worker writes to now; returns the segments that may go now.
    mutating func reach(_ name: SegmentName) -> [SegmentName] {
        let last = newest.updateValue(name, forKey: name.worker)
        guard let last, last != name else { return [] }
        return close(last)
    }

    /// Notes that a body is needed no more; returns the segments that may go now.
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

    /// Notes that a fetch worker has ended; returns the segments that may go now.
    mutating func workerEnded(_ worker: Int) -> [SegmentName] {
        guard let last = newest.removeValue(forKey: worker) else { return [] }
        return close(last)
    }

    /// Whether a segment may not go yet.
    func keeps(_ name: SegmentName) -> Bool { segments[name] != nil }

    /// Whether another fetch may be handed out while `inFlight` are under way.
    func hasRoom(inFlight: Int, limit: Int) -> Bool {
        guard held < Self.mostHeld else { return false }
        // The responses under way will be about as large as those that came.
        let mean = bodies == 0 ? 0 : bodyBytes / bodies
        return segmentBytes + memoryBytes + mean * inFlight <= limit || isEmpty && inFlight == 0
    }

    /// Whether nothing waits.
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
