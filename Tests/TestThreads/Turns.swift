// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// A semaphore for Swift tasks: a task that waits for its turn occupies no thread.
///
/// `@unchecked Sendable`: `lock` guards all mutable properties. (A `Mutex` would confuse the thread
/// sanitizer, which does not track waits for a `Mutex`.)
final class Turns: @unchecked Sendable {
    /// The turns of all tests with their own threads.
    ///
    /// There are two turns for each core, because most of these tests wait for the programs that they start.
    /// With one turn for each core, the cores are idle for two thirds of the time.
    static let shared = Turns(2 * ProcessInfo.processInfo.activeProcessorCount)

    private let lock = NSLock()
    /// The number of turns that no task has.
    private var free: Int
    /// The waiting tasks, newest first.
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    /// Waits for a turn, in the order of the calls.
    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = lock.withLock {
                guard free == 0 else {
                    free -= 1
                    return true
                }
                waiting.insert(continuation, at: 0)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Ends a turn, and gives the turn to the next waiting task if there is one.
    func giveBack() {
        let next = lock.withLock {
            if waiting.isEmpty { free += 1 }
            return waiting.popLast()
        }
        next?.resume()
    }
}
