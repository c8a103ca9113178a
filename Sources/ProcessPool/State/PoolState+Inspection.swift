// SPDX-License-Identifier: MIT
// fetchpool

// What a simulation may know of a pool beside its actions. Nothing is decided here.

/// What a worker is doing, as its pool sees it.
package enum WorkerPhase: String, CaseIterable, Sendable {
    /// Started; its first line has not come.
    case starting
    /// At work.
    case ready
    /// Told to finish and leave.
    case draining
    /// Being ended.
    case stopping
    /// No process.
    case gone
}

extension PoolState {
    /// What a worker is doing.
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

    /// How many unanswered tasks a worker may hold now: one until its first line, then by the pace measured.
    package func window(of worker: WorkerID) -> Int {
        guard phase(of: worker) == .ready else { return 1 }
        return window(of: slots[worker.slot])
    }

    /// The number of tasks beyond its window that it may hold, of those that are better done by it than by others.
    package func spareRoom(of worker: WorkerID) -> Int {
        phase(of: worker) == .ready ? spareRoom(of: slots[worker.slot]) : 0
    }
}
