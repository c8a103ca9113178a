// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import Testing

@testable import ProcessPool

/// Tests of the times that workers spend in each activity, and of the reasons for restarts.
@Suite struct WorkerTimesTests {
    /// Returns the milliseconds that a slot's workers have spent starting, waiting and working.
    private func spent(_ pool: PoolScript, _ slot: Int = 0) -> [Int] {
        let times = pool.state.workerTimes[slot]
        return WorkerTimes.Activity.allCases.map { times.nanoseconds($0, until: pool.now) / 1_000_000 }
    }

    @Test func aWorkerStartsWaitsAndWorks() {
        var pool = PoolScript(greet: false)
        pool.submit(1)
        pool.advance(milliseconds: 5)
        #expect(pool.state.workerTimes[0].activity == .starting)
        pool.hello(0)
        #expect(pool.state.workerTimes[0].activity == .working)
        pool.advance(milliseconds: 7)
        pool.complete(1)
        #expect(pool.state.workerTimes[0].activity == .waiting)
        pool.advance(milliseconds: 11)
        #expect(spent(pool) == [5, 11, 7])
        pool.submit(2)
        pool.settle()
        pool.advance(milliseconds: 2)
        pool.complete(2)
        #expect(spent(pool) == [5, 11, 9])
        #expect(pool.state.workerTimes[0].results == 2)
        #expect(pool.state.workerTimes[0].starts == 1)
    }

    @Test func theTimesOfAllWorkersOfASlotAreAdded() {
        var pool = PoolScript()
        pool.submit(1)
        pool.hello(0)
        pool.advance(milliseconds: 3)
        pool.die(0)
        #expect(pool.state.workerTimes[0].starts == 2)
        pool.hello(0)
        pool.advance(milliseconds: 4)
        pool.complete(1)
        #expect(spent(pool) == [0, 0, 7])
        #expect(pool.state.restartReasons == [.signal: 1])
    }

    @Test func eachRestartHasAReason() {
        func reason(
            _ stop: WorkerSlot.StopReason?,
            _ exit: WorkerExit,
            stopped: Bool = false
        ) -> RestartReason {
            var (slot, exit) = (WorkerSlot(place: 0), exit)
            (slot.stopReason, exit.wasStopped) = (stop, stopped)
            return RestartReason(slot, exit)
        }
        #expect(reason(nil, WorkerExit(signal: 11)) == .signal)
        #expect(reason(nil, WorkerExit(status: 3)) == .exit)
        #expect(reason(nil, WorkerExit(signal: 6, isOutOfMemory: true)) == .oom)
        #expect(reason(nil, WorkerExit(signal: 9), stopped: true) == .output)
        #expect(reason(.memory(seq: 1), WorkerExit(signal: 9), stopped: true) == .oom)
        #expect(reason(.deadline(seq: 1), WorkerExit(signal: 9), stopped: true) == .deadline)
        #expect(reason(.wedged, WorkerExit(signal: 9), stopped: true) == .silent)
        #expect(reason(.flooded, WorkerExit(signal: 9), stopped: true) == .output)
        #expect(reason(.cancelled(seq: 1), WorkerExit(signal: 9), stopped: true) == .cancelled)
    }
}
