// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// Tests that a worker that announces a higher concurrency holds at most 10,000 tasks, if no task is sent
/// ahead.
@Suite struct PoolStateLoadTests {
    @Test(arguments: [10_001, 1 << 53 - 1, Int.max])
    func noWorkerGetsMoreThan10000Tasks(concurrency: Int) {
        let pool = PoolScript(concurrency: concurrency) { $0.sendsAhead = false }
        #expect(pool.state.wanted(at: pool.now) == 10_000)
    }
}
