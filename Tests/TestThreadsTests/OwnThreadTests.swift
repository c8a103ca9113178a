// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Synchronization
import TestPrograms
import Testing

@testable import TestThreads

/// Tests of the trait `.ownThread`: which tests may block their thread, the time limit, and the number of
/// tests that run at the same time.
///
/// A test that may run has a turn (`Turns`).
struct OwnThreadTests {
    @Test(.ownThread) func testWithTheTraitMayBlock() { #expect(OwnThread.mayBlock) }

    /// The tasks block their threads until all tasks have begun.
    ///
    /// There are more tasks than threads in Swift's shared pool. On these threads, the tasks would wait for
    /// ever.
    @Test(.ownThread) func tasksOfATestWithTheTraitMayBlockToo() async {
        let count = 4 * ProcessInfo.processInfo.activeProcessorCount
        let meeting = Meeting(of: count)
        await withTaskGroup { group in
            for _ in 0..<count { group.addTask { meeting.waitForAll() } }
        }
        #expect(OwnThread.mayBlock)
    }

    @Test func testWithoutTheTraitMayNotStartAProgram() {
        #expect(!OwnThread.mayBlock)
        #expect(throws: ProgramError.self) { try RunningProgram("/bin/true") }
    }

    @Test func workPastTheLimitIsAnIssue() async {
        await withKnownIssue {
            let trait = OwnThread(limit: .zero)
            let test = try #require(Test.current)
            try await trait.provideScope(for: test, testCase: nil) {
                // `usleep` needs only the test's own thread. A case that also needs a thread of Swift's
                // shared pool could wait for it so long that `CaseWatch` would end the whole run.
                usleep(300_000)
            }
        }
    }

    @Test func tasksWithATurnAreAtMostAsManyAsTheTurns() async {
        let (turns, crowd) = (Turns(3), Crowd())
        await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    await turns.take()
                    crowd.enter()
                    await Task.yield()
                    crowd.leave()
                    turns.giveBack()
                }
            }
        }
        #expect((1...3).contains(crowd.most))
    }

    @Test func idleCoresGiveExtraTurns() async {
        let (turns, crowd) = (Turns(1, extra: 1), Crowd())
        await withTaskGroup { group in
            for _ in 0..<3 {
                group.addTask {
                    await turns.take()
                    crowd.enter()
                }
            }
            await crowd.wait(for: 1)
            // The two other tasks wait for a turn, or will do so soon. One of them gets the extra turn.
            while crowd.count < 2 {
                turns.note(idleShare: 0.5)
                await Task.yield()
            }
            turns.note(idleShare: 0.5)
            turns.note(idleShare: 0)
            // The extra turn ends here, because the cores are busy.
            turns.giveBack()
            #expect(crowd.count == 2)
            turns.giveBack()
            await crowd.wait(for: 3)
        }
    }

    @Test func tasksThatShallBeFirstGetTheirTurnsBeforeOthers() async {
        let (turns, order) = (Turns(1), Order())
        await turns.take()
        await withTaskGroup { group in
            for isFirst in [false, true] {
                group.addTask {
                    await turns.take(isFirst: isFirst)
                    order.note(isFirst)
                    turns.giveBack()
                }
            }
            while turns.waitingTasks < 2 { await Task.yield() }
            turns.giveBack()
        }
        #expect(order.noted == [true, false])
    }
}

/// Counts the tasks that are present at the same time.
private final class Crowd: Sendable {
    private let counts = Mutex((present: 0, most: 0))

    var most: Int { counts.withLock { $0.most } }
    var count: Int { counts.withLock { $0.present } }

    /// Waits until `count` tasks are present.
    func wait(for count: Int) async { while self.count < count { await Task.yield() } }

    func enter() { counts.withLock { $0 = ($0.present + 1, max($0.most, $0.present + 1)) } }

    func leave() { counts.withLock { $0.present -= 1 } }
}

/// Notes values in their order.
private final class Order: Sendable {
    private let values = Mutex<[Bool]>([])

    var noted: [Bool] { values.withLock(\.self) }

    func note(_ value: Bool) { values.withLock { $0.append(value) } }
}

/// A barrier at which a number of threads wait for each other.
///
/// `@unchecked Sendable`: `condition` guards all mutable properties.
private final class Meeting: @unchecked Sendable {
    private let condition = NSCondition()
    private var missing: Int

    init(of count: Int) { missing = count }

    func waitForAll() {
        condition.lock()
        defer { condition.unlock() }
        missing -= 1
        if missing == 0 { condition.broadcast() }
        while missing > 0 { condition.wait() }
    }
}
