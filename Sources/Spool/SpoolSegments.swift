// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// The segment (file of the spool) for the next body, and the offset of this body in the segment.
///
/// A worker that names a segment has completed all its earlier segments; the coordinator relies on this.
package struct SpoolSegments: Hashable, Sendable {
    private let maxBytes: Int

    /// The segment for the next body.
    package private(set) var current: SegmentName
    /// The number of bytes of bodies in the current segment.
    package private(set) var used = 0

    /// Creates a value that starts with segment 0 of the worker with the number `worker`.
    ///
    /// `add` moves on to the next segment when the current segment has `maxBytes` bytes or more.
    package init(worker: Int, maxBytes: Int) {
        self.maxBytes = maxBytes
        current = SegmentName(worker: worker, number: 0)
    }

    /// Counts a body that was written at the end of the current segment; returns the body's position.
    package mutating func add(bytes: Int) -> (segment: SegmentName, offset: Int) {
        defer {
            used += bytes
            if used >= maxBytes { leave() }
        }
        return (current, used)
    }

    /// Moves on to the next segment, unless the current segment is empty.
    package mutating func leave() {
        guard used > 0 else { return }
        current.number += 1
        used = 0
    }
}
