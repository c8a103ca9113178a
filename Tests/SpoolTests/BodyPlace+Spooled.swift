// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire

extension BodyPlace {
    /// Returns the place of a body of `bytes` bytes at `offset` in segment `number` of `worker`.
    static func spooled(_ worker: Int, _ number: Int, at offset: Int, _ bytes: Int) -> BodyPlace {
        .spooled(
            segment: SegmentName(worker: worker, number: number),
            offset: offset,
            bytes: bytes,
            member: 0..<0
        )
    }
}
