// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Foundation
import Platform
import PoolWire
import ProcessPool

/// What a run keeps in mind while it is the worker of a coordinator above.
struct WorkerDuties: Sendable {
    /// A task that may not be repeated, and that the coordinator above is being told of.
    struct Announced: Sendable {
        let task: PoolTask
        /// It was told once so many bytes of output are written.
        let heardAfter: Int
    }

    /// Whether `hello` was said; nothing begins before.
    var hasGreeted = false
    /// Tasks whose `start` is on its way, in order.
    var announced = Deque<Announced>()
    /// Bytes given to the output thread.
    var bytesHandedOn = 0
    var lastBeat = PoolTime(nanoseconds: 0)

    /// When the coordinator above must hear something.
    var nextBeat: PoolTime { lastBeat + 1_000 }

    /// The next task whose `start` was written, now that `written` bytes of output are.
    mutating func nextHeard(_ written: Int) -> PoolTask? {
        guard let first = announced.first, first.heardAfter <= written else { return nil }
        return announced.popFirst()?.task
    }
}

extension RunCoordinator {
    /// Says `hello` once the workers have answered, and then each second that this one lives.
    ///
    /// A set-up whose workers cannot start has said nothing when it ends, and so counts as a failed start above. A
    /// worker that never says hello is silent until it has a task, so the wait for it is a second at most.
    func greetOrBeat(at now: PoolTime) {
        guard var duties else { return }
        defer { self.duties = duties }
        let isDue = now >= duties.nextBeat
        if duties.hasGreeted {
            guard isDue else { return }
            let beat = Beat(inFlight: state.items.count)
            state.sink.message { $0.writeBeat(beat) }
        } else {
            let isReady =
                loop.hasHeard(from: fetchPool) && processPool.map { loop.hasHeard(from: $0) } ?? true
            guard isReady || isDue else { return }
            duties.hasGreeted = true
            let concurrency = parts.fetchWorkers * settings.fetch.concurrency
            let hello = Hello(
                pid: Int(ProcessInfo.processInfo.processIdentifier),
                name: "fetchpool",
                concurrency: concurrency
            )
            state.sink.message { $0.writeHello(hello) }
        }
        duties.lastBeat = now
    }

    /// The next task that may begin now that the coordinator above knows of it.
    func nextHeard() -> PoolTask? {
        guard state.mayBegin else { return nil }
        return duties?.nextHeard(parts.output.writtenBytes)
    }

    /// Says `start` for a task that may not be repeated; it begins when that is written.
    ///
    /// So whenever this process dies, the coordinator above knows of each such request that may have been sent.
    func announce(_ task: PoolTask, _ seq: Int) {
        state.sink.message { $0.writeStart(seq: seq) }
        let told = (duties?.bytesHandedOn ?? 0) + state.sink.pendingBytes
        duties?.announced.append(WorkerDuties.Announced(task: task, heardAfter: told))
    }
}
