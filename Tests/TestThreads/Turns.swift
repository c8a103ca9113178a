// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Synchronization

/// A semaphore for tasks: who waits for a turn holds no thread.
final class Turns: Sendable {
    /// The turns of all tests with a thread of their own.
    ///
    /// Each test starts programs of its own beside, so more turns than cores save little time and disturb each other.
    static let shared = Turns(max(2, ProcessInfo.processInfo.activeProcessorCount))

    private struct State {
        var free: Int
        /// Those who wait, the last first.
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    /// Waits for a turn, in the order of the calls.
    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.insert(continuation, at: 0)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Ends a turn, and gives it to the next.
    func giveBack() {
        let next = state.withLock { state in
            if state.waiting.isEmpty { state.free += 1 }
            return state.waiting.popLast()
        }
        next?.resume()
    }
}
