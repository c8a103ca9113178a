// SPDX-License-Identifier: MIT
// fetchpool

import Glibc

/// The global actor whose code runs on the main thread, during the call of `MainThread.run`.
///
/// The main actor would need libdispatch's event loop, a function that never returns.
@globalActor
actor WorkerActor {
    static let shared = WorkerActor()
    nonisolated let thread = MainThread()

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }
}

/// An executor that runs asynchronous code on the thread that calls `run`.
///
/// Code that never suspends costs about as much as synchronous code, because it runs as one job.
///
/// The Swift task that `run` creates also prefers this executor for code that belongs to no actor. Without
/// this preference, `async` methods that belong to no actor would run on other threads. Only the methods of a
/// package that is compiled with `NonisolatedNonsendingByDefault` would stay on the actor of their caller.
///
/// Unchecked: `jobs` and `hasEnded` are accessed with `mutex` held.
///
/// Bounds of the unsafe code here: both pointers are allocated once, for one value each, and live until the
/// process ends. The body of `run` does not outlive the call, because the call returns only after the body's
/// task has ended.
@safe final class MainThread: SerialExecutor, TaskExecutor, @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let hasJobs: UnsafeMutablePointer<pthread_cond_t>
    private var jobs: [UnownedJob] = []
    private var hasEnded = false

    fileprivate init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe hasJobs = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(hasJobs, nil)
    }

    /// Runs `body` on this thread, and returns when `body` has ended; call this function once.
    static func run(_ body: @WorkerActor () async -> Void) {
        let thread = WorkerActor.shared.thread
        withoutActuallyEscaping(body) { body in
            Task(executorPreference: thread) {
                await body()
                thread.end()
            }
            thread.work()
        }
    }

    /// Adds a job, a part of a Swift task; may be called on any thread.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        unsafe pthread_mutex_lock(mutex)
        jobs.append(job)
        unsafe pthread_cond_signal(hasJobs)
        unsafe pthread_mutex_unlock(mutex)
    }

    private func end() {
        unsafe pthread_mutex_lock(mutex)
        hasEnded = true
        unsafe pthread_mutex_unlock(mutex)
    }

    private func work() {
        let serial = unsafe asUnownedSerialExecutor()
        let preferred = unsafe asUnownedTaskExecutor()
        while let next = takeJobs() {
            for job in next { unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: preferred) }
        }
    }

    private func takeJobs() -> [UnownedJob]? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while jobs.isEmpty {
            if hasEnded { return nil }
            unsafe pthread_cond_wait(hasJobs, mutex)
        }
        defer { jobs = [] }
        return jobs
    }
}
