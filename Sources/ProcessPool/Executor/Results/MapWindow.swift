// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Platform

/// The tasks of an `AsyncPoolMap` that were submitted, and whose results were not returned.
///
/// `@unchecked Sendable`: `lock` guards all mutable properties.
final class MapWindow: @unchecked Sendable {
    /// Fired when a task was added or has ended, and at the end of the input.
    ///
    /// In an ordered map, the end of a later task fires the signal too: while the map waits for the result of
    /// an earlier task, the map may have to take more inputs.
    let changed = Signal()
    private let core: PoolCore
    private let isOrdered: Bool
    private let lock = NSLock()
    /// All tasks, in the order of the inputs; only used if the map is ordered.
    private var ordered = Deque<RawFuture>()
    /// The tasks that have ended, in the order of their ends; only used if the map is not ordered.
    private var arrived = Deque<RawFuture>()
    /// The tasks that have not ended; only used if the map is not ordered.
    private var running: [ObjectIdentifier: RawFuture] = [:]
    private var held = 0
    private var isCancelled = false

    init(_ core: PoolCore, isOrdered: Bool) { (self.core, self.isOrdered) = (core, isOrdered) }

    /// The number of tasks whose results were not returned.
    var count: Int { locked { held } }

    /// Submits tasks; does nothing after `cancel`.
    func add(_ futures: [RawFuture]) {
        guard !locked({ isCancelled }) else { return }
        // A task cannot be cancelled before it is submitted. So a call of `cancel` during the submission is
        // noticed afterwards.
        core.add(futures)
        let isWanted = locked {
            guard !isCancelled else { return false }
            held += futures.count
            for future in futures {
                if isOrdered { ordered.append(future) } else { running[ObjectIdentifier(future)] = future }
            }
            return true
        }
        guard isWanted else { return core.cancel(futures) }
        for future in futures { future.notify(self) { [weak self] in self?.arrive(future) } }
    }

    /// Removes the next tasks that have ended; returns their outcomes, at most `most`.
    ///
    /// The outcomes are in the order of the inputs if the map is ordered, else in the order of the ends.
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

    /// Cancels the tasks that have not ended, and drops the results that were not returned.
    func cancel() {
        var left: [RawFuture] = []
        locked {
            isCancelled = true
            while let next = ordered.popFirst() { left.append(next) }
            left += running.values
            running = [:]
            arrived = Deque()
            held = 0
        }
        core.cancel(left)
    }

    private func arrive(_ future: RawFuture) {
        if !isOrdered {
            locked {
                if running.removeValue(forKey: ObjectIdentifier(future)) != nil { arrived.append(future) }
            }
        }
        changed.fire()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }
}
