// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import Synchronization
import TestPrograms
import Testing

@testable import TestThreads

/// Tests of the trait `.ownThread`: which tests may block their thread, the time limit, and the number of
/// turns.
struct OwnThreadTests {
    @Test(.ownThread) func testWithTheTraitMayBlock() { #expect(OwnThread.mayBlock) }

    /// The tasks block their threads until all tasks have begun.
    ///
    /// There are more tasks than shared threads.
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
                // `usleep` needs only a thread of `ThreadPool`. A case that also needs a shared thread could
                // wait for that thread until the grace time is over.
                usleep(300_000)
            }
        }
    }

    @Test func noMoreTasksHaveATurnThanThereAreTurns() async {
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
}

/// Counts the tasks that are present at the same time.
private final class Crowd: Sendable {
    private let counts = Mutex((present: 0, most: 0))

    var most: Int { counts.withLock { $0.most } }

    func enter() { counts.withLock { $0 = ($0.present + 1, max($0.most, $0.present + 1)) } }

    func leave() { counts.withLock { $0.present -= 1 } }
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
