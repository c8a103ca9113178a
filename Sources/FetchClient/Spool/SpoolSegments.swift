// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// Which segment of the spool the next body goes to, and where in it.
///
/// Pure. A segment is left for good once it is past its size, since the coordinator takes the next one's name as a sign
/// that nothing more comes into this one.
package struct SpoolSegments: Hashable, Sendable {
    /// The size past which a segment is left: 8 MiB.
    package static let maxSegmentBytes = 8 << 20

    /// The segment that bodies go to.
    package private(set) var current: SegmentName
    /// The bytes in it that bodies were promised.
    package private(set) var used = 0

    /// Begins with segment 0 of a worker.
    package init(worker: Int) {
        current = SegmentName(worker: worker, number: 0)
    }

    /// Goes on to the next segment if this one is past its size.
    ///
    /// - Returns: Whether it did.
    package mutating func rotate() -> Bool {
        guard used >= Self.maxSegmentBytes else { return false }
        current.number += 1
        used = 0
        return true
    }

    /// Notes a body that was written whole behind the others, and says where it begins.
    package mutating func add(bytes: Int) -> Int {
        defer { used += bytes }
        return used
    }
}
