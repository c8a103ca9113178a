// SPDX-License-Identifier: MIT
// fetchpool

import Foundation

/// A semaphore for tasks: who waits for a turn holds no thread.
///
/// `@unchecked Sendable`: `lock` guards all that varies. (The thread sanitizer does not see through a `Mutex` that is waited for.)
final class Turns: @unchecked Sendable {
    /// The turns of all tests with a thread of their own.
    ///
    /// Each test starts programs of its own beside, so more turns than cores save little time and disturb each other.
    static let shared = Turns(max(2, ProcessInfo.processInfo.activeProcessorCount))

    private let lock = NSLock()
    private var free: Int
    /// Those who wait, the last first.
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

    /// Ends a turn, and gives it to the next.
    func giveBack() {
        let next = lock.withLock {
            if waiting.isEmpty { free += 1 }
            return waiting.popLast()
        }
        next?.resume()
    }
}
