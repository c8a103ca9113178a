// SPDX-License-Identifier: MIT
// fetchpool

// The state of a pool that a simulation or a report may read. This code makes no decisions.

/// The activity of a worker, as its pool sees it.
package enum WorkerPhase: String, CaseIterable, Sendable {
    /// The worker was started, and its first line has not come.
    case starting
    /// The worker has sent its first line, and was not told to exit.
    case ready
    /// The worker was told to finish and exit.
    case draining
    /// The pool is ending the worker with SIGTERM or SIGKILL.
    case stopping
    /// The worker has no process.
    case gone
}

extension PoolState {
    /// Returns the activity of a worker.
    package func phase(of worker: WorkerID) -> WorkerPhase {
        guard isCurrent(worker) else { return .gone }
        return switch slots[worker.slot].phase {
        case .empty, .backingOff: .gone
        case .starting: .starting
        case .ready: .ready
        case .draining: .draining
        case .stopping: .stopping
        }
    }

    /// Returns the largest number of unfinished tasks that a worker may hold; 1 unless the worker is ready.
    package func window(of worker: WorkerID) -> Int {
        guard phase(of: worker) == .ready else { return 1 }
        return window(of: slots[worker.slot])
    }

    /// The times that the workers of each slot have spent in each activity, in the order of the slots.
    package var workerTimes: [WorkerTimes] { slots.map(\.times) }

    /// Returns the number of tasks that a worker may hold beyond its window because of their affinity; 0
    /// unless the worker is ready.
    package func spareRoom(of worker: WorkerID) -> Int {
        phase(of: worker) == .ready ? spareRoom(of: slots[worker.slot]) : 0
    }
}
