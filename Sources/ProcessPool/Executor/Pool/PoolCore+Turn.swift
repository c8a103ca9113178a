// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform

// The work of the pool thread for an executor, in each turn of its loop.

extension PoolCore {
    /// Carries out requests, and starts or drains the executor's pool if this is due.
    func turn(of loop: PoolLoop, at now: PoolTime) {
        self.now = now
        let (commands, hasPending, isClosed) = takeCommands()
        perform(commands, on: loop)
        if pool == nil, hasPending, endingSignal == nil { begin(on: loop) }
        guard let pool, isClosed, !hasPending, !isDraining else { return }
        isDraining = true
        loop.drain(pool)
    }

    /// Returns the time of the next turn that this executor needs even if nothing happens; `nil` if it needs
    /// no such turn.
    func nextWake(after now: PoolTime) -> PoolTime? {
        // If this executor has no pool here, tasks or requests came while its last pool was ending. Nothing
        // else wakes the loop for these tasks and requests.
        if pool == nil { return now }
        // Foundation may reap the last process late; after a second, the pool is removed in any case.
        return endedAt.map { max($0 + 1_000, now) }
    }

    /// Removes a pool that has ended; returns `true` if the pool thread no longer serves this executor.
    func leaves(_ loop: PoolLoop) -> Bool {
        if let pool {
            guard endedAt != nil, loop.isGone(pool) else { return false }
            loop.removePool(pool)
            (self.pool, endedAt, isDraining) = (nil, nil, false)
        }
        return leavesThread()
    }

    private func begin(on loop: PoolLoop) {
        pool = loop.addPool(
            PoolOptions(configuration, workers),
            commands: [command],
            client: self
        )
    }

    private func perform(_ commands: [Command], on loop: PoolLoop) {
        var unwanted: Set<Int> = []
        var streams: [MapStream] = []
        for command in commands {
            switch command {
            case .cancel(let future): if future.token >= 0 { unwanted.insert(future.token) }
            case .cancelMap(let stream): streams.append(stream)
            case .end(let isGentle):
                endingSignal = endingSignal ?? (isGentle ? SIGTERM : SIGKILL)
                guard let pool, endedAt == nil else { continue }
                if isGentle { loop.terminate(pool) } else { loop.stop(pool) }
            }
        }
        if !streams.isEmpty { unwanted.formUnion(tasks.tokens(of: streams)) }
        tasks.noteUnwanted(unwanted)
        guard let pool, endedAt == nil, !unwanted.isEmpty else { return }
        // As far as the pool knows, a starting worker has begun no task. So if such a worker's tasks are
        // cancelled, their futures end now, and do not wait for the worker's start.
        for token in loop.tokens(among: unwanted, withStartingWorkersOf: pool) {
            tasks.endEarly(token, CancellationError(), as: .cancelled)
        }
        loop.cancel(unwanted, of: pool, grace: PoolTime.Milliseconds(configuration.cancelGrace))
    }
}
