// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform

/// The tasks of a map that are submitted and not returned.
///
/// `@unchecked Sendable`: `lock` guards all mutable properties.
final class MapWindow: @unchecked Sendable {
    /// Fired when a task has ended, or a task or the end of the input was added.
    let changed = Signal()
    private let core: PoolCore
    private let isOrdered: Bool
    private let lock = NSLock()
    /// In order of input.
    private var ordered = Deque<RawFuture>()
    /// In order of completion; only used if the map is not ordered.
    private var arrived = Deque<RawFuture>()
    /// The tasks that have not arrived; only used if the map is not ordered.
    private var running: [ObjectIdentifier: RawFuture] = [:]
    private var held = 0

    init(_ core: PoolCore, isOrdered: Bool) { (self.core, self.isOrdered) = (core, isOrdered) }

    /// The number of tasks that are not returned.
    var count: Int { locked { held } }

    /// Submits tasks.
    func add(_ futures: [RawFuture]) {
        locked {
            held += futures.count
            for future in futures {
                if isOrdered { ordered.append(future) } else { running[ObjectIdentifier(future)] = future }
            }
        }
        if !isOrdered {
            for future in futures { future.notify { [weak self] in self?.arrive(future) } }
        }
        core.add(futures)
    }

    /// Removes the next tasks that have ended; returns their outcomes in order, `most` at most.
    func takeEnded(most: Int) -> [RawFuture.Outcome] {
        var outcomes: [RawFuture.Outcome] = []
        lock.lock()
        core.locked {
            if isOrdered {
                while outcomes.count < most, let outcome = ordered.first?.outcome {
                    outcomes.append(outcome)
                    _ = ordered.popFirst()
                }
            } else {
                while outcomes.count < most, let outcome = arrived.popFirst()?.outcome {
                    outcomes.append(outcome)
                }
            }
        }
        held -= outcomes.count
        lock.unlock()
        return outcomes
    }

    /// Waits until the next task has ended; returns at once if there is none.
    func waitForNext() async {
        guard isOrdered else { return await changed.wait() }
        guard let next = locked({ ordered.first }) else { return }
        _ = await next.wait()
    }

    /// Cancels the tasks that are not returned.
    func cancel() {
        var left: [RawFuture] = []
        locked {
            while let next = ordered.popFirst() { left.append(next) }
            left += running.values
            running = [:]
            arrived = Deque()
            held = 0
        }
        core.cancel(left)
    }

    private func arrive(_ future: RawFuture) {
        locked { if running.removeValue(forKey: ObjectIdentifier(future)) != nil { arrived.append(future) } }
        changed.fire()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }
}
