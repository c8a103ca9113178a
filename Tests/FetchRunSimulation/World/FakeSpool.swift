// SPDX-License-Identifier: MIT
// fetchpool

import FetchRun
import PoolWire
import Spool

/// The segment for the next body of a simulated fetch worker; a segment is a file of the spool.
///
/// A new segment begins when the current segment is full, when the spool has no space for a body, or when no
/// body came in the second between two beats of the worker. An empty segment stays the current segment.
struct FakeSegments {
    let maxBytes: Int
    private(set) var current: SegmentName
    private(set) var used = 0
    private var isUsed = false

    init(worker: Int, maxBytes: Int) {
        self.maxBytes = maxBytes
        current = SegmentName(worker: worker, number: 0)
    }

    mutating func leaveIfUnused() {
        if !isUsed { leave() }
        isUsed = false
    }

    mutating func add(_ bytes: Int) -> (SegmentName, Int) {
        isUsed = true
        defer {
            used += bytes
            if used >= maxBytes { leave() }
        }
        return (current, used)
    }

    mutating func leave() {
        guard used > 0 else { return }
        current.number += 1
        used = 0
    }
}

/// The bodies of responses; a body repeats the index of its input line, a quotation mark, a backslash and a
/// line feed.
enum FakeBody {
    static func text(_ line: Int, _ bytes: Int) -> [UInt8] {
        let head = Array("\(line)\"\\\n".utf8)
        return (0..<bytes).map { head[$0 % head.count] }
    }
}

/// A simulated spool folder, which records the positions and sizes of bodies, but not their bytes.
final class FakeSpool: SpoolFolder {
    /// A body that was written.
    private struct Body {
        let line: Int
        let offset: Int
        let bytes: Int
    }

    let path = "/spool"
    unowned let world: RunWorld
    private let capacity: Int
    private var segments: [SegmentName: [Body]] = [:]
    /// For each segment whose file was a spare, the number of old bytes that still follow the bodies.
    ///
    /// A spare is the file of a removed segment; a later new segment of any worker may reuse it.
    private var oldBytes: [SegmentName: Int] = [:]
    /// The sizes of the spares.
    private var spares: [Int] = []
    /// The number of bytes of all bodies, spares and `oldBytes`.
    private var used = 0
    /// The bodies that were removed in this turn of the run's loop.
    ///
    /// At the end of the turn, no task may need any of these bodies.
    private var removed: [(line: Int, segment: SegmentName)] = []
    private(set) var isRemoved = false

    init(capacity: Int, in world: RunWorld) {
        (self.capacity, self.world) = (capacity, world)
    }

    /// Appends a body to a worker's segment, and returns the segment and the offset.
    ///
    /// If the spool has no space, the function returns `nil`, and the next body begins a segment.
    func append(_ bytes: Int, of line: Int, to place: inout FakeSegments) -> (SegmentName, Int)? {
        let name = place.current
        if segments[name] == nil, let spare = spares.popLast() {
            world.tally.note(.segmentReused)
            oldBytes[name] = spare
        }
        let overwritten = min(bytes, oldBytes[name] ?? 0)
        guard used + bytes - overwritten <= capacity else {
            cutOldBytes(of: name)
            place.leave()
            return nil
        }
        world.require(
            place.used == 0 || segments[name] != nil,
            "\(name) was removed although its worker still writes to it"
        )
        let (_, offset) = place.add(bytes)
        segments[name, default: []].append(Body(line: line, offset: offset, bytes: bytes))
        oldBytes[name]? -= overwritten
        used += bytes - overwritten
        if place.current != name { cutOldBytes(of: name) }
        return (name, offset)
    }

    /// Frees the space behind the bodies of a segment whose file was a spare.
    func cutOldBytes(of name: SegmentName) { used -= oldBytes.removeValue(forKey: name) ?? 0 }

    /// Checks that the whole body of a line is at the given position.
    func check(_ file: String, _ offset: Int, _ bytes: Int, of line: Int) {
        guard file.hasPrefix(path + "/"),
            let name = SegmentName(Array(file.utf8.dropFirst(path.count + 1)).span)
        else { world.fail("line \(line) is processed with '\(file)', which is no segment of the spool") }
        world.require(
            segments[name]?.contains { $0.line == line && $0.offset == offset && $0.bytes == bytes } ?? false,
            "line \(line) is processed, but its body is not at \(offset) of segment \(name)"
        )
    }

    func remove(_ segment: SegmentName) { used -= take(segment) ?? 0 }

    /// Takes a segment out of the spool; returns the size of its file, or `nil` if the segment is missing.
    private func take(_ segment: SegmentName) -> Int? {
        guard let bodies = segments.removeValue(forKey: segment) else { return nil }
        if world.isTold { world.tell("segment \(segment) is removed") }
        removed += bodies.map { ($0.line, segment) }
        world.ledger.removed(segment)
        return bodies.reduce(oldBytes.removeValue(forKey: segment) ?? 0) { $0 + $1.bytes }
    }

    func makeSpare(of segment: SegmentName, upTo mostBytes: Int) -> Bool {
        guard let bytes = take(segment) else { return false }
        guard spares.count < 2, bytes <= mostBytes else {
            used -= bytes
            return false
        }
        spares.append(bytes)
        return true
    }

    func removeSpares() {
        used -= spares.reduce(0, +)
        spares = []
    }

    func removeSegments(of worker: Int, unless isKept: (SegmentName) -> Bool) {
        let left = segments.keys.filter { $0.worker == worker && !isKept($0) }
        for name in left.sorted(by: { $0.number < $1.number }) { remove(name) }
    }

    func read(_ segment: SegmentName, offset: Int, bytes: Int) -> [UInt8]? { nil }

    /// Checks that no body that was removed in this turn is still needed.
    func checkTurn() {
        for (line, segment) in removed {
            world.require(
                !world.ledger.needs(segment, for: line),
                "segment \(segment) is removed while the body of line \(line) is needed"
            )
        }
        removed.removeAll(keepingCapacity: true)
    }

    func removeAll() {
        world.require(!isRemoved, "the spool is removed twice")
        isRemoved = true
        guard world.ledger.isOrderly else { return }
        let left = segments.keys.map(\.description).sorted()
        world.require(left.isEmpty, "segments are left at the end: \(left.joined(separator: " "))")
        world.require(spares.isEmpty, "spares are left at the end")
        world.require(used == 0, "\(used) bytes are left at the end")
    }
}
