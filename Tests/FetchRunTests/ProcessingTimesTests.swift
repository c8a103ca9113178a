// SPDX-License-Identifier: MIT
// fetchpool

import Testing

@testable import FetchRun
@testable import ProcessPool

@Suite struct ProcessingTimesTests {
    @Test func processingBeginsWhenTheResponseIsSentOrThePreviousResultComesWhicheverIsLater() {
        var times = ProcessingTimes()
        times.send(1, at: .at(10))
        times.send(2, at: .at(20))
        times.send(3, at: .at(30))
        #expect(times.end(3, by: nil, at: .at(35)) == nil)
        times.complete(1, by: .sample, at: .at(50))
        #expect(times.end(2, by: .sample, at: .at(80)) == 30_000)
        #expect(times.end(2, by: .sample, at: .at(90)) == nil)
        times.send(4, at: .at(100))
        #expect(times.end(4, by: .sample, at: .at(103)) == 3_000)
        // The next worker in the slot of `.sample` has sent no result, and the results of `.sample` do not
        // count for this worker.
        let next = WorkerView(id: WorkerID(slot: 3, life: 8), pid: 4712)
        times.send(5, at: .at(40))
        #expect(times.end(5, by: next, at: .at(60)) == 20_000)
    }

    @Test func processingBeginsWhenThePreviousTaskEndsWithoutAResult() {
        var times = ProcessingTimes()
        times.send(1, at: .at(10))
        times.send(2, at: .at(11))
        #expect(times.end(1, by: .sample, at: .at(50)) == 40_000)
        #expect(times.end(2, by: .sample, at: .at(60)) == 10_000)
    }

    @Test func processingEndsAtTheLatestWhenTheWorkerEnds() {
        var times = ProcessingTimes()
        times.send(1, at: .at(10))
        times.end(of: .sample, at: .at(15))
        let next = WorkerView(id: WorkerID(slot: 3, life: 8), pid: 4712)
        times.send(2, at: .at(20))
        #expect(times.end(1, by: .sample, at: .at(600)) == 5_000)
        #expect(times.end(2, by: next, at: .at(30)) == 10_000)
        for life in 9..<5_000 {
            times.end(of: WorkerView(id: WorkerID(slot: 3, life: life), pid: 1), at: .at(700))
        }
        times.send(3, at: .at(650))
        let last = WorkerView(id: WorkerID(slot: 3, life: 4_999), pid: 1)
        #expect(times.end(3, by: last, at: .at(900)) == 50_000)
    }
}
