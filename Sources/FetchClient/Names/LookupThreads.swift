// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import Glibc
import Platform

/// A bounded group of threads that look up host names.
///
/// Threads start on demand and end after some time without look-ups. A look-up that has begun cannot be
/// cancelled. Look-ups beyond the bound wait in order.
///
/// `@unchecked Sendable`: `monitor` guards all mutable properties.
final class LookupThreads: @unchecked Sendable {
    /// A function that looks up one name, called on a thread that may block.
    typealias Function = @Sendable (String) -> LookupResult

    /// The result of a look-up.
    struct Result: Sendable {
        let name: String
        let result: LookupResult
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
    private let maxThreads: Int
    private let monitor = Monitor()
    private var queue: [String] = []
    private var results: [Result] = []
    private var threads = 0
    /// The number of threads without a look-up, including threads that are starting.
    private var idle = 0
    private var isClosed = false

    /// Creates a group of at most `maxThreads` threads; starts no thread yet.
    ///
    /// - Throws: `FetchClientError.events` if the kernel refuses a descriptor.
    init(maxThreads: Int, lookUp: @escaping Function) throws(FetchClientError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .events(lastSystemError()) }
        (self.maxThreads, self.lookUp) = (maxThreads, lookUp)
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    /// The number of threads.
    var count: Int { monitor.withLock { threads } }

    /// Starts a look-up, or queues it if all threads are busy; `takeResults` returns the result later.
    func begin(_ name: String) {
        monitor.withLock {
            queue.append(name)
            guard queue.count > idle else { return monitor.signal() }
            guard threads < maxThreads else { return }
            let status = SystemThread.start(stackBytes: Self.stackBytes) { self.run() }
            if status == 0 {
                threads += 1
                idle += 1
            } else if threads == 0 {
                // No thread exists that could process the name.
                queue.removeLast()
                let failure = LookupFailure(code: EAI_SYSTEM, systemError: status)
                add(Result(name: name, result: .failed(failure)))
            }
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

    /// Removes and returns the available results, in order of completion.
    func takeResults() -> [Result] {
        monitor.withLock {
            guard !results.isEmpty else { return [] }
            var count: UInt64 = 0
            unsafe _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
            defer { results = [] }
            return results
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

    private func run() {
        while let name = next() {
            let result = Result(name: name, result: lookUp(name))
            monitor.withLock {
                idle += 1
                if !isClosed { add(result) }
            }
        }
    }

    /// Waits for the next name to look up, and returns it; `nil` if the thread must end.
    private func next() -> String? {
        monitor.withLock {
            defer { idle -= 1 }
            while queue.isEmpty, !isClosed {
                if !monitor.wait(seconds: Self.idleSeconds), queue.isEmpty { break }
            }
            if queue.isEmpty { threads -= 1 }
            return queue.isEmpty ? nil : queue.removeFirst()
        }
    }

    /// Adds a result; the caller must hold the lock.
    private func add(_ result: Result) {
        results.append(result)
        guard results.count == 1 else { return }
        var one: UInt64 = 1
        unsafe _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
