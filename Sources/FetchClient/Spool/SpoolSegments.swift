// SPDX-License-Identifier: MIT
// fetchpool

package import PoolWire

/// Which segment of the spool the next body goes to, and where in it.
///
/// Pure. A segment is left for good once it has its size, or the file system is full, since the coordinator takes the
/// next one's name as a sign that nothing more comes into this one.
package struct SpoolSegments: Hashable, Sendable {
    private let maxBytes: Int

    /// The segment that bodies go to.
    package private(set) var current: SegmentName
    /// The bytes in it that bodies were promised.
    package private(set) var used = 0

    /// Begins with segment 0 of a worker; each is left once it holds `maxBytes` or more.
    package init(worker: Int, maxBytes: Int) {
        self.maxBytes = maxBytes
        current = SegmentName(worker: worker, number: 0)
    }

    /// Notes a body that was written whole behind the others, and says where it lies.
    package mutating func add(bytes: Int) -> (segment: SegmentName, offset: Int) {
        defer {
            used += bytes
            if used >= maxBytes { leave() }
        }
        return (current, used)
    }

    /// Goes on to the next segment, unless nothing was promised in this one.
    package mutating func leave() {
        guard used > 0 else { return }
        current.number += 1
        used = 0
    }
}
