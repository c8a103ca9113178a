// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// The most tasks that a worker may be given, whatever concurrency it announces.
@Suite struct PoolStateLoadTests {
    @Test(arguments: [10_001, 1 << 53 - 1, Int.max])
    func noWorkerHasMoreInHandThanAnyMayHave(concurrency: Int) {
        let pool = PoolScript(concurrency: concurrency) { $0.sendsAhead = false }
        #expect(pool.state.wanted(at: pool.now) == 10_000)
    }
}
