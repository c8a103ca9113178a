// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension BodyPlace {
    /// A body in the spool.
    static func spooled(_ worker: Int, _ number: Int, at offset: Int, _ bytes: Int) -> BodyPlace {
        .spooled(
            segment: SegmentName(worker: worker, number: number),
            offset: offset,
            bytes: bytes,
            member: 0..<0
        )
    }
}
