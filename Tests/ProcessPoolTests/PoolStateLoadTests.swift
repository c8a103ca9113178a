// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// Tests that the pool uses a concurrency of at most 10,000, even if a worker announces a higher one.
@Suite struct PoolStateLoadTests {
    @Test(arguments: [10_001, 1 << 53 - 1, Int.max])
    func poolThatSendsNoTasksAheadWants10000TasksAtMost(concurrency: Int) {
        let pool = PoolScript(concurrency: concurrency) { $0.sendsAhead = false }
        #expect(pool.state.wanted(at: pool.now) == 10_000)
    }
}
