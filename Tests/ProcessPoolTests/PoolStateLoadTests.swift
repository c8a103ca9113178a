// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// Tests of the largest number of tasks of one worker, for any announced concurrency.
@Suite struct PoolStateLoadTests {
    @Test(arguments: [10_001, 1 << 53 - 1, Int.max])
    func noWorkerGetsMoreThan10000Tasks(concurrency: Int) {
        let pool = PoolScript(concurrency: concurrency) { $0.sendsAhead = false }
        #expect(pool.state.wanted(at: pool.now) == 10_000)
    }
}
