// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import CLinux
import Glibc
import Platform

/// A bounded number of threads that look up host names, so that nobody else waits for a name server.
///
/// Threads start as look-ups come, and end after a time without any. A look-up cannot be taken back once it has begun: one that
/// hangs holds its thread, and nothing but that. Those beyond the bound wait in their order.
///
/// `@unchecked Sendable`: `monitor` guards all that varies.
final class LookupThreads: @unchecked Sendable {
    /// Looks up one name, on a thread that may wait.
    typealias Function = @Sendable (String) -> LookupAnswer

    /// The end of a look-up.
    struct Result: Sendable {
        let name: String
        let answer: LookupAnswer
    }

    /// The stack of a thread: the system's resolver and its modules need some tens of KiB.
    private static let stackBytes = 256 << 10
    /// Seconds without a look-up after which a thread ends.
    private static let idleSeconds = 10

    /// An eventfd(2) that polls readable while there are results.
    let descriptor: Int32
    private let lookUp: Function
    private let maxThreads: Int
    private let monitor = Monitor()
    private var queue: [String] = []
    private var results: [Result] = []
    private var threads = 0
    /// Threads without a look-up, those that are starting among them.
    private var idle = 0
    private var isClosed = false

    /// Prepares for look-ups in at most so many threads; starts none.
    ///
    /// - Throws: `FetchClientError.events` if the kernel gives no descriptor.
    init(maxThreads: Int, lookUp: @escaping Function) throws(FetchClientError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .events(lastSystemError()) }
        (self.maxThreads, self.lookUp) = (maxThreads, lookUp)
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    /// The number of threads that there are now.
    var count: Int { monitor.withLock { threads } }

    /// Looks up a name; the result comes by `takeResults`.
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
                // Nobody is left to take it.
                queue.removeLast()
                let failure = LookupFailure(code: EAI_SYSTEM, systemError: status)
                add(Result(name: name, answer: .failed(failure)))
            }
        }
    }

    /// Takes back a look-up; returns false if it has begun or was never asked for.
    func withdraw(_ name: String) -> Bool {
        monitor.withLock {
            guard let index = queue.firstIndex(of: name) else { return false }
            queue.remove(at: index)
            return true
        }
    }

    /// Takes the results that have come, in their order.
    func takeResults() -> [Result] {
        monitor.withLock {
            guard !results.isEmpty else { return [] }
            var count: UInt64 = 0
            unsafe _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
            defer { results = [] }
            return results
        }
    }

    /// Ends all threads that have nothing to do, and the others once their look-ups end; waits for none.
    func close() {
        monitor.withLock {
            isClosed = true
            queue = []
            monitor.broadcast()
        }
    }

    private func run() {
        while let name = next() {
            let result = Result(name: name, answer: lookUp(name))
            monitor.withLock {
                idle += 1
                if !isClosed { add(result) }
            }
        }
    }

    /// The next name to look up; nil where the thread is to end.
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

    /// Adds a result; only with the lock.
    private func add(_ result: Result) {
        results.append(result)
        guard results.count == 1 else { return }
        var one: UInt64 = 1
        unsafe _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
