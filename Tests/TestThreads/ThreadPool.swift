// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// An executor whose jobs may block: each runs on a thread that no other job has.
///
/// Threads that have no job are kept for the next. There is no upper limit; `Turns` keeps tests few.
///
/// `@unchecked Sendable`: `condition` guards all that varies.
final class ThreadPool: TaskExecutor, @unchecked Sendable {
    static let shared = ThreadPool()

    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var idle = 0

    func enqueue(_ job: consuming ExecutorJob) {
        condition.lock()
        defer { condition.unlock() }
        jobs.append(UnownedJob(job))
        guard jobs.count > idle else { return condition.signal() }
        let thread = Thread { self.work() }
        // As for a program's first thread.
        thread.stackSize = 8 << 20
        thread.start()
    }

    private func work() {
        while true {
            let job = next()
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    private func next() -> UnownedJob {
        condition.lock()
        defer { condition.unlock() }
        idle += 1
        while jobs.isEmpty { condition.wait() }
        idle -= 1
        return jobs.removeFirst()
    }
}
