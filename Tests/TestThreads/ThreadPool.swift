// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// An executor whose jobs may block: each job has a thread to itself.
///
/// Idle threads are kept for later jobs. The number of threads has no limit; `Turns` limits the number of
/// tests that run at the same time.
///
/// `@unchecked Sendable`: `condition` guards all mutable properties.
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
        // 8 MiB is also the usual stack size of a program's first thread.
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
