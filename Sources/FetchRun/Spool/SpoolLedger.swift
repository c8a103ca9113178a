// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

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

    /// Notes a body that a worker announced; answers the segments that may go now.
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

    /// Notes the segment that a worker writes to now; answers the segments that may go now.
    mutating func reach(_ name: SegmentName) -> [SegmentName] {
        let last = newest.updateValue(name, forKey: name.worker)
        guard let last, last != name else { return [] }
        return close(last)
    }

    /// Notes that a body is needed no more; answers the segments that may go now.
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

    /// Notes that a fetch worker has ended; answers the segments that may go now.
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
