// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import Glibc
import Platform

/// A bounded group of threads that look up host names.
///
/// Threads start on demand and end after some time without look-ups. A look-up that has begun cannot be
/// cancelled. Look-ups beyond the limits wait in order.
///
/// Times are in milliseconds of `MonotonicClock`.
///
/// `@unchecked Sendable`: `monitor` guards all mutable properties.
final class LookupThreads: @unchecked Sendable {
    /// A function that looks up one name; the function is allowed to block its thread.
    typealias Function = @Sendable (String) -> LookupResult

    /// The result of a look-up.
    struct Result: Sendable {
        let name: String
        let result: LookupResult
        /// The time at which a thread took the name, or at which no thread could be started.
        let start: Int
    }

    /// The stack size of a thread, in bytes.
    ///
    /// The system's resolver needs some tens of KiB.
    private static let stackBytes = 256 << 10
    /// The time without a look-up after which a thread ends, in seconds.
    private static let idleSeconds = 10

    /// An eventfd(2) that is readable while there are results.
    let descriptor: Int32
    private let lookUp: Function
    private let limits: LookupLimits
    private let monitor = Monitor()
    private var queue: [String] = []
    /// The names that are being looked up, and the times at which threads took them.
    private var running: [String: Int] = [:]
    private var results: [Result] = []
    private var threads = 0
    /// The number of threads without a look-up, including threads that are starting.
    private var idle = 0
    private var isClosed = false

    /// Creates a group; starts no thread yet.
    ///
    /// - Throws: `FetchClientError.events` if the kernel refuses a descriptor.
    init(_ limits: LookupLimits, lookUp: @escaping Function) throws(FetchClientError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .events(lastSystemError()) }
        (self.limits, self.lookUp) = (limits, lookUp)
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    /// The number of threads.
    var count: Int { monitor.withLock { threads } }

    /// Starts a look-up, or queues it if no thread is free and no other thread can be started; `takeResults`
    /// returns the result later.
    ///
    /// - Returns: True if names wait for a thread. The next call of `begin` or `takeResults` can start a
    ///   thread for them.
    func begin(_ name: String, at now: Int) -> Bool {
        monitor.withLock {
            queue.append(name)
            guard queue.count > idle else {
                monitor.signal()
                return false
            }
            return startThreads(at: now)
        }
    }

    /// Removes a name from the queue; returns false if the queue does not contain the name.
    func withdraw(_ name: String) -> Bool {
        monitor.withLock {
            guard let index = queue.firstIndex(of: name) else { return false }
            queue.remove(at: index)
            return true
        }
    }

    /// Returns `Result.start` for a name that is being looked up or whose result was not taken yet; otherwise
    /// `nil`.
    func start(of name: String) -> Int? {
        monitor.withLock { running[name] ?? results.first { $0.name == name }?.start }
    }

    /// Removes and returns the available results, in order of completion.
    ///
    /// - Returns: The results, and true if names wait for a thread (see `begin`).
    func takeResults(at now: Int) -> (results: [Result], areNamesWaiting: Bool) {
        monitor.withLock {
            let areNamesWaiting = startThreads(at: now)
            guard !results.isEmpty else { return ([], areNamesWaiting) }
            var count: UInt64 = 0
            unsafe _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
            defer { results = [] }
            return (results, areNamesWaiting)
        }
    }

    /// Discards the queue and ends the threads, without waiting for running look-ups.
    func close() {
        monitor.withLock {
            isClosed = true
            queue = []
            monitor.broadcast()
        }
    }

    /// Starts threads for the names in the queue, as far as the limits allow; returns true if too few threads
    /// are free for the queue.
    ///
    /// The caller must hold the lock.
    private func startThreads(at now: Int) -> Bool {
        guard queue.count > idle else { return false }
        let slow = threads < limits.lookups ? 0 : slowLookups(at: now)
        while queue.count > idle, threads < min(limits.lookups + slow, limits.threads) {
            let status = SystemThread.start(stackBytes: Self.stackBytes) { self.run() }
            guard status == 0 else {
                if threads == 0 { failQueue(status, at: now) }
                break
            }
            threads += 1
            idle += 1
        }
        return queue.count > idle
    }

    /// Ends the look-ups in the queue with an error, because no thread exists; the caller must hold the lock.
    private func failQueue(_ status: Int32, at now: Int) {
        let failure = LookupFailure(code: EAI_SYSTEM, systemError: status)
        for name in queue { add(Result(name: name, result: .failed(failure), start: now)) }
        queue = []
    }

    /// Returns the number of slow look-ups; the caller must hold the lock.
    private func slowLookups(at now: Int) -> Int {
        running.values.count { now - $0 >= limits.slowAfter }
    }

    private func run() {
        var last: Result?
        while let (name, start) = next(after: last) {
            last = Result(name: name, result: lookUp(name), start: start)
        }
    }

    /// Waits for the next name, and returns the name and the time at which the thread takes it; `nil` if the
    /// thread must end.
    ///
    /// Before the wait, the function adds `last`, the result of the thread's last look-up, unless the group
    /// is closed.
    private func next(after last: Result?) -> (name: String, start: Int)? {
        monitor.withLock {
            if let last {
                running[last.name] = nil
                if !isClosed { add(last) }
                guard !isSuperfluous else {
                    threads -= 1
                    return nil
                }
                idle += 1
            }
            defer { idle -= 1 }
            while queue.isEmpty, !isClosed {
                if !monitor.wait(seconds: Self.idleSeconds), queue.isEmpty { break }
            }
            guard !queue.isEmpty else {
                threads -= 1
                return nil
            }
            let (name, start) = (queue.removeFirst(), MonotonicClock.milliseconds())
            running[name] = start
            return (name, start)
        }
    }

    /// True if a thread without a look-up must end, because there are now too many threads.
    ///
    /// This happens when slow look-ups have ended. The caller must hold the lock.
    private var isSuperfluous: Bool {
        threads > limits.lookups
            && threads - slowLookups(at: MonotonicClock.milliseconds()) > limits.lookups
    }

    /// Adds a result; the caller must hold the lock.
    private func add(_ result: Result) {
        results.append(result)
        guard results.count == 1 else { return }
        var one: UInt64 = 1
        unsafe _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
