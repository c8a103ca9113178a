// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

/// An account of the spool's segments (files) and of the bodies that are still needed.
///
/// The ledger never touches a file. A segment can be removed when it is closed and no body in it is needed.
struct SpoolLedger: Sendable {
    private struct Segment {
        /// The largest offset at which an announced body ends.
        var end = 0
        /// The number of bytes that were announced since `needed` was last 0.
        var waiting = 0
        /// The number of bodies in the segment that are still needed.
        var needed = 0
        /// True after the worker has ended, or has named a later segment.
        var isClosed = false
    }

    private var segments: [SegmentName: Segment] = [:]
    private var newest: [Int: SegmentName] = [:]
    /// The sum of `waiting` over all segments.
    ///
    /// A segment without a needed body counts as 0, even if its file still exists. If the bytes of such a
    /// segment counted, fetches could have to wait until the worker begins its next segment.
    private(set) var segmentBytes = 0
    /// The bytes in memory of the held responses: their result lines, with inline bodies and header fields,
    /// and the texts of their tasks.
    ///
    /// A response is held while it waits or is being processed.
    private(set) var memoryBytes = 0
    private var responses = 0
    /// The number of fetches that have ended.
    private var fetches = 0
    /// The bytes of all responses so far, in segments and in memory.
    private var allBytes = 0
    /// The largest recent size of a response.
    ///
    /// The value falls by up to an eighth with each smaller response, and with each other end of a fetch.
    ///
    /// If sizes grow in a long run, the mean of all sizes follows too late. After one large body among small
    /// bodies, this value falls to a thirtieth within 26 responses, so few fetches have to wait.
    private var recentSize = 0
    /// The number of held responses.
    private var held = 0

    /// The number of held responses at which `hasRoom` begins to return false.
    ///
    /// Each held response costs the coordinator a few hundred bytes that the byte limit does not count.
    static let mostHeld = 4_096
    /// The largest number of ended fetches by which `allBytes` is divided for the mean size, unless more
    /// responses have come.
    ///
    /// So a few large bodies at the start do not slow a run of failures. And many failures do not make the
    /// mean of large responses small.
    private static let mostCounted = 64

    /// Records a body that a worker announced; returns the segments that can be removed now.
    ///
    /// `bytes` is the number of bytes that the response and its task take in memory. A worker must not name a
    /// segment that it has left.
    mutating func announce(_ place: BodyPlace, memoryBytes bytes: Int) -> [SegmentName] {
        memoryBytes += bytes
        held += 1
        guard case .spooled(let name, let offset, let length, _) = place else {
            note(bytes)
            return []
        }
        note(bytes + length)
        var segment = segments[name] ?? Segment()
        let grown = max(segment.end, offset + length) - segment.end
        segmentBytes += grown
        segment.end += grown
        segment.waiting += grown
        segment.needed += 1
        segments[name] = segment
        return reach(name)
    }

    /// Records the segment that a worker writes to now; returns the segments that can be removed now.
    ///
    /// A segment that is not later than its worker's newest segment is ignored, because a busy fetch worker
    /// may repeat an old `Beat`.
    mutating func reach(_ name: SegmentName) -> [SegmentName] {
        let last = newest[name.worker]
        if let last, name.number <= last.number { return [] }
        newest[name.worker] = name
        return last.map { close($0) } ?? []
    }

    /// Notes that a body is no longer needed; returns the segments that can be removed now.
    ///
    /// `bytes` is the number that `announce` got.
    mutating func release(_ place: BodyPlace, memoryBytes bytes: Int) -> [SegmentName] {
        memoryBytes -= bytes
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

    /// Returns true if a worker has named a segment and has not ended.
    func isWriting(_ worker: Int) -> Bool { newest[worker] != nil }

    /// Returns true if a segment of an ended worker must not be removed yet.
    func keeps(_ name: SegmentName) -> Bool { segments[name] != nil }

    /// Returns true if one more fetch may begin while `inFlight` fetches are in flight.
    ///
    /// `limit` is in bytes. The result is always true if no response is held and no fetch is in flight.
    func hasRoom(inFlight: Int, limit: Int) -> Bool {
        guard held < Self.mostHeld else { return false }
        // The estimate for a response in flight. The first large responses cannot be foreseen.
        let size = max(allBytes / max(responses, min(fetches, Self.mostCounted), 1), recentSize)
        return segmentBytes + memoryBytes + size * inFlight <= limit || isEmpty && inFlight == 0
    }

    /// True while no response is held.
    var isEmpty: Bool { segmentBytes == 0 && memoryBytes == 0 }

    /// Notes the end of a fetch after which `announce` is not called.
    mutating func noteOther() {
        fetches += 1
        recentSize -= recentSize / 8
    }

    private mutating func note(_ size: Int) {
        responses += 1
        fetches += 1
        allBytes += size
        recentSize = max(size, recentSize - recentSize / 8)
    }

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
