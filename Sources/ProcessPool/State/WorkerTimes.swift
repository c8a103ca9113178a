// SPDX-License-Identifier: MIT
// fetchpool

package import Platform

/// The time that the workers of one slot (`WorkerSlot`) have spent in each activity.
package struct WorkerTimes: Hashable, Sendable {
    /// The activity of a worker.
    ///
    /// A worker that is told to exit, or is being ended, may keep its last activity until its end.
    package enum Activity: String, CaseIterable, Sendable {
        /// The worker was started, and has not sent its first line (`WorkerSlot.Phase.starting`).
        case starting
        /// The worker has sent its first line, and has no task.
        case waiting
        /// The worker has sent its first line, and has at least one task.
        case working
    }

    /// The activity of the slot's worker; `nil` while the slot has no worker.
    package private(set) var activity: Activity?
    private var since = PoolTime(nanoseconds: 0)
    private var (starting, waiting, working) = (0, 0, 0)
    /// The number of starts of workers in the slot, including starts that failed.
    package var starts = 0
    /// The number of results of the workers, usable or not; void results (`PoolState.accept`) do not count.
    package var results = 0

    /// Notes that the activity `next` begins now; `next` is `nil` if the worker has ended.
    @inline(__always)
    mutating func begin(_ next: Activity?, at now: PoolTime) {
        let spent = now - since
        switch activity {
        case .starting: starting += spent
        case .waiting: waiting += spent
        case .working: working += spent
        case nil: break
        }
        (activity, since) = (next, now)
    }

    /// Returns the nanoseconds that were spent in an activity until `now`.
    package func nanoseconds(_ wanted: Activity, until now: PoolTime) -> Int {
        let past =
            switch wanted {
            case .starting: starting
            case .waiting: waiting
            case .working: working
            }
        return past + (activity == wanted ? max(now - since, 0) : 0)
    }
}
