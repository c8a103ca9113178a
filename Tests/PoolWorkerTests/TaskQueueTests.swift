// SPDX-License-Identifier: MIT
// fetchpool

import PoolWire
import Testing

@testable import PoolWorker

struct TaskQueueTests {
    private func tasks(_ seqs: [Int]) -> [HeldTask] {
        seqs.compactMap { seq in
            let line = Array(#"{"t":"task","seq":\#(seq),"task":{}}"#.utf8)
            guard case .task(let assignment)? = try? CoordinatorMessage.read(line.span) else { return nil }
            return HeldTask(lines: line, assignment: assignment)
        }
    }

    private func taken(_ queue: inout TaskQueue) -> [Int] {
        var seqs: [Int] = []
        while let task = queue.takeNext() { seqs.append(task.seq) }
        return seqs
    }

    @Test func tasksAreTakenInTheOrderOfArrival() {
        var queue = TaskQueue()
        queue.add(tasks([3, 1]))
        queue.add(tasks([2]))
        #expect(taken(&queue) == [3, 1, 2])
    }

    @Test func recallRemovesTheNewestOfTheWaitingTasks() {
        var queue = TaskQueue()
        queue.add(tasks([1, 2, 3]))
        #expect(queue.takeNext()?.seq == 1)
        #expect(queue.recall(max: 1) == [3])
        #expect(queue.recall(max: 9) == [2])
        #expect(queue.recall(max: 9) == [])
        #expect(queue.held == 1)
    }

    @Test(arguments: [(1, false), (2, true), (3, true), (4, false)])
    func cancelFindsOnlyTasksThatHaveNotBegun(seq: Int, isThere: Bool) {
        var queue = TaskQueue()
        queue.add(tasks([1, 2, 3]))
        _ = queue.takeNext()
        #expect(queue.cancel(seq: seq) == isThere)
        #expect(queue.held == (isThere ? 2 : 3))
    }

    @Test func takeNextEndsTheCurrentTaskEvenIfNoTaskWaits() {
        var queue = TaskQueue()
        queue.add(tasks([1]))
        _ = queue.takeNext()
        #expect(queue.begun == 1)
        #expect(queue.takeNext() == nil)
        #expect(queue.begun == 0 && queue.held == 0)
    }

    @Test func tasksThatBeginTogetherAreHeldUntilEachEnds() {
        var queue = TaskQueue()
        queue.add(tasks([1, 2, 3]))
        #expect([queue.begin()?.seq, queue.begin()?.seq] == [1, 2])
        #expect(queue.recall(max: 9) == [3])
        #expect(queue.held == 2)
        queue.end()
        #expect(queue.begun == 1 && queue.held == 1)
        #expect(queue.begin() == nil)
    }

    @Test func longQueuesHoldEachTaskOnce() {
        var queue = TaskQueue()
        queue.add(tasks(Array(0..<5_000)))
        var seen: [Int] = []
        for _ in 0..<4_000 { seen.append(queue.takeNext()?.seq ?? -1) }
        let recalled = queue.recall(max: 500)
        #expect(recalled == Array((4_500..<5_000).reversed()))
        #expect(seen + taken(&queue) == Array(0..<4_500))
    }

    @Test func negativeRecallTakesNothing() {
        var queue = TaskQueue()
        queue.add(tasks([1]))
        #expect(queue.recall(max: -1) == [])
    }
}
