// SPDX-License-Identifier: MIT
// fetchpool

import Glibc
import Platform
import PoolWire

// The functions that perform a pool's decisions.

extension PoolLoop {
    /// Passes an event to a pool, and performs the actions that follow.
    func feed(_ event: PoolEvent, to pool: Pool) {
        var actions: [PoolAction] = []
        pool.state.handle(event, at: now, into: &actions)
        perform(actions, for: pool)
    }

    /// Performs actions in order.
    func perform(_ actions: [PoolAction], for pool: Pool) {
        let client = pool.client
        var next = 0
        while next < actions.count {
            defer { next += 1 }
            switch actions[next] {
            case .send(let worker, let token, let seq, let attempt):
                // A failed start among these actions may have ended the pool and all its tasks.
                guard !pool.state.isEnding, let member = pool.member(worker) else { continue }
                member.beginTask()
                client.writeTask(token, seq: seq, attempt: attempt, to: member.view, into: &member.outbox)
                // Successive tasks often go to one worker, so the worker is looked up once for all these
                // tasks.
                while next + 1 < actions.count,
                    case .send(worker, let token, let seq, let attempt) = actions[next + 1]
                {
                    next += 1
                    member.beginTask()
                    client.writeTask(token, seq: seq, attempt: attempt, to: member.view, into: &member.outbox)
                }
            case .spawn(let worker, let isForRetry): spawn(worker, in: pool, isForRetry: isForRetry)
            case .cancel(let worker, let seq): pool.member(worker)?.outbox.writeCancel(seq: seq)
            case .confirm(let worker, let seq): pool.member(worker)?.outbox.writeConfirm(seq: seq)
            case .recall(let worker, let max): pool.member(worker)?.outbox.writeRecall(max: max)
            case .drain(let worker):
                guard let member = pool.member(worker) else { continue }
                member.outbox.writeDrain()
                member.closesInputWhenFlushed = true
            case .terminate(let worker):
                guard let member = pool.member(worker) else { continue }
                member.memory.note(member.link.memory())
                member.link.signalGroup(SIGTERM)
                // At the end of its input, a child coordinator removes its spool and exits at once. After
                // SIGTERM alone, it would first wait for its own tasks.
                if member.isCoordinator == true { member.link.closeInput() }
            case .kill(let worker): pool.member(worker)?.kill(at: now)
            case .triedAgain(let token, let exit, _, let nanoseconds):
                client.triedAgain(token, after: exit, nanosecondsInHand: nanoseconds)
            case .complete(let token, let end, let worker):
                // A dead worker is no longer in its slot, but the exit contains the worker's process id.
                let view = worker.map { id in
                    let pid = end.exit?.pid ?? pool.member(id)?.view.pid ?? 0
                    return WorkerView(id: id, pid: pid)
                }
                client.ended(token, end, by: view)
            case .finished(let end):
                pool.endedAt = now
                client.poolEnded(end)
            }
        }
    }

    private func spawn(_ worker: WorkerID, in pool: Pool, isForRetry: Bool) {
        // An earlier start of the same turn may have failed, which may have ended the pool and killed its
        // workers.
        guard !pool.state.isEnding else { return feed(.spawnFailed(worker, isHopeless: false), to: pool) }
        let number = worker.slot % pool.commands.count
        let words = pool.commands[number].words(isSelfLimiting: pool.selfLimiting.contains(number))
        do {
            let surroundings = pool.commands[number].surroundings
            let link = try host.start(words, in: surroundings, showsBacktrace: isForRetry)
            let member = PoolMember(worker, link)
            pool.client.writeInit(for: worker, into: &member.outbox)
            member.firstLine = Array(member.outbox.bytes.dropLast())
            pool.members[worker.slot] = member
            pool.starts[worker.slot] += 1
            pool.client.noted(.started, of: member.view)
        } catch {
            var exit = WorkerExit(status: 127)
            exit.errorTail = ["\(error)"]
            feed(.spawnFailed(worker, isHopeless: error is PoolError, exit), to: pool)
        }
    }
}
