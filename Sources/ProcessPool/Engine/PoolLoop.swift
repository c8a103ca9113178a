// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
import PoolWire

/// The one loop that owns the children of every pool of the process, on the one thread that may start them.
///
/// A turn reads everything that is readable, lets the client look at it, lets each pool decide, and sends what was
/// decided. It sleeps in poll(2) alone. What a pool decides stands in `PoolState`; what happens to one child in
/// `PoolMember`; here they meet.
package final class PoolLoop {
    let host: any LoopHost
    unowned let client: any PoolClient
    var pools: [Pool] = []
    var reaping: [any WorkerLink] = []
    var polled: [pollfd] = []
    private var clock: LoopClock
    var nextWatch = PoolTime(nanoseconds: 0)

    /// One pool: its decisions, its commands and its children.
    struct Pool {
        var state: PoolState
        let commands: [WorkerCommand]
        var members: [PoolMember?]
        /// Commands whose workers have said that they need no launcher.
        var selfLimiting: Set<Int> = []
        var hasEnded = false
        var lastWords: [String] = []
    }

    /// Creates a loop; `client` must outlive it.
    ///
    /// Use it on one thread only.
    package init(client: any PoolClient, host: any LoopHost) {
        (self.client, self.host) = (client, host)
        clock = LoopClock(real: host.realTime)
    }

    /// Adds a pool and answers its number.
    ///
    /// Its workers are started by the first turn. The one at place n runs command n modulo their number; there must be at least
    /// one.
    package func addPool(_ options: PoolOptions, commands: [WorkerCommand]) -> Int {
        precondition(!commands.isEmpty)
        let state = PoolState(options)
        let none = [PoolMember?](repeating: nil, count: state.places)
        pools.append(Pool(state: state, commands: commands, members: none))
        return pools.count - 1
    }

    /// Lets a pool finish what it has, then end its workers.
    package func drain(_ pool: Int) {
        feed(.drain, to: pool)
    }

    /// Kills a pool's workers; its tasks end as cancelled.
    package func stop(_ pool: Int) {
        feed(.stop, to: pool)
    }

    /// Workers of a pool that ended other than as told, and were replaced.
    package func restarts(of pool: Int) -> Int { pools[pool].state.restarts }

    /// Whether a worker of a pool has ever said a line, so that it is known to be able to start.
    package func hasHeard(from pool: Int) -> Bool { pools[pool].state.hasHeard }

    /// Tasks that a pool has been given and that have not ended.
    package func unendedTasks(of pool: Int) -> Int { pools[pool].state.unendedTasks }

    /// How long a pool's workers have had their tasks in hand: those of the one that has been at it for longest.
    package func longestInHand(of pool: Int) -> Int { pools[pool].state.longestInHand(at: now) }

    /// The loop's clock, which leaves out what the loop slept through against its will.
    package var now: PoolTime { clock.time(at: host.realTime) }

    /// Runs until `isOver` says so after a turn; call it with all pools ended, or their workers are killed.
    ///
    /// When it returns, no child, descriptor or zombie of the loop is left.
    package func run(while goesOn: () -> Bool) {
        turn(while: goesOn)
        for pool in pools.indices where !pools[pool].hasEnded { stop(pool) }
        turn { pools.contains { !$0.hasEnded } }
        reapRest()
    }

    // MARK: One turn

    /// What ended in a turn wakes nobody, so the question comes before the sleep.
    private func turn(while goesOn: () -> Bool) {
        while goesOn() {
            turn()
            if goesOn() {
                // A turn that took long is a gap as well.
                let milliseconds = timeout(at: clock.advance(to: host.realTime))
                sleep(milliseconds: milliseconds)
                _ = clock.advance(to: host.realTime, planned: max(Int(milliseconds), 0) * 1_000_000)
            }
        }
    }

    private func turn() {
        let now = now
        for pool in pools.indices {
            // What came since poll(2) returned must be read before anybody's time is up.
            let judges = pools[pool].state.nextWake().map { $0 <= now } ?? false
            for slot in pools[pool].members.indices {
                if judges { pools[pool].members[slot]?.mustRead() }
                service(slot, of: pool, at: now)
            }
        }
        watchMemory(at: now)
        client.turn(at: now)
        for pool in pools.indices where !pools[pool].hasEnded {
            pull(for: pool, at: now)
            var actions: [PoolAction] = []
            pools[pool].state.settle(at: now, into: &actions)
            perform(actions, for: pool)
        }
        for pool in pools.indices {
            for member in pools[pool].members { member?.flush() }
        }
        releaseReaped()
        client.endOfTurn(at: now)
    }

    func releaseReaped() {
        reaping.removeAll { link in
            guard link.isReaped else { return false }
            link.release()
            return true
        }
    }

    private func pull(for pool: Int, at now: PoolTime) {
        var wanted = pools[pool].state.wanted(at: now)
        var actions: [PoolAction] = []
        while wanted > 0, let task = client.nextTask(for: pool) {
            let event = PoolEvent.submitted(
                token: task.token,
                mayRepeat: task.mayRepeat,
                bound: task.bound,
                affinity: task.affinity
            )
            pools[pool].state.handle(event, at: now, into: &actions)
            wanted -= 1
        }
    }

    private func service(_ slot: Int, of pool: Int, at now: PoolTime) {
        guard let member = pools[pool].members[slot] else { return }
        member.read(at: now) { message in
            self.take(message, from: member, at: now)
        }
        guard let exit = member.exit(at: now, limitKB: pools[pool].state.options.memoryLimitKB, host)
        else {
            return
        }
        pools[pool].members[slot] = nil
        // Those of a worker that the pool's end killed would hide why it ended.
        if !pools[pool].state.isEnding { pools[pool].lastWords = member.errorTail.tail }
        client.noted(.ended(exit), of: member.view)
        feed(.ended(member.view.id, exit), to: pool, member: member)
        member.link.closeAll()
        reaping.append(member.link)
    }

    private func take(_ message: PoolMember.Message, from member: PoolMember, at now: PoolTime) {
        let (pool, worker) = (member.view.pool, member.view.id)
        switch message {
        case .line(.answer(let answer), let line, let range):
            guard let accepted = pools[pool].state.accept(answer: answer.seq, from: worker, at: now) else {
                client.noted(.strayAnswer(seq: answer.seq), of: member.view)
                return
            }
            client.answered(accepted, answer, in: line.span.extracting(range), by: member.view)
            member.errorTail.forgetEarlierTurns()
        case .line(.hello(let hello), _, _): greet(hello, from: member)
        case .line(.start(let seq), _, _): feed(.started(worker, seq: seq), to: pool)
        case .line(.returned(let seq), _, _): feed(.returned(worker, seq: seq), to: pool)
        case .line(.bye, _, _): feed(.bye(worker), to: pool)
        case .line(.beat(let beat), _, _):
            feed(.beat(worker, isHeld: beat.isSpoolFull), to: pool)
            member.memory.note(beat)
            client.noted(.beat(beat), of: member.view)
        case .line(.unknown, _, _), .line(.echo, _, _): feed(.spoke(worker), to: pool)
        case .unusable(let shown, let reason, let isFatal):
            client.noted(.unusableLine(shown, reason: reason), of: member.view)
            feed(.garbage(worker, isFatal: isFatal), to: pool)
        case .outputClosed: feed(.outputClosed(worker), to: pool)
        case .errorLine(let text): client.noted(.errorLine(text), of: member.view)
        }
    }

    /// A worker of another version is refused, and its last words are why.
    private func greet(_ hello: Hello, from member: PoolMember) {
        let (pool, worker) = (member.view.pool, member.view.id)
        guard hello.version != WireLimits.version else {
            if hello.isSelfLimiting {
                pools[pool].selfLimiting.insert(worker.slot % pools[pool].commands.count)
            }
            return feed(.hello(worker, hello), to: pool)
        }
        let reason =
            "it speaks version \(hello.version) of the worker protocol, this coordinator version \(WireLimits.version)"
        member.errorTail.add(reason)
        client.noted(.errorLine(reason), of: member.view)
        feed(.refused(worker), to: pool)
    }

    // MARK: Doing what was decided

    func feed(_ event: PoolEvent, to pool: Int, member: PoolMember? = nil) {
        var actions: [PoolAction] = []
        pools[pool].state.handle(event, at: now, into: &actions)
        perform(actions, for: pool, member: member)
    }

    /// `member` is the one whose end led to these actions, for it is in its slot no more.
    private func perform(_ actions: [PoolAction], for pool: Int, member ended: PoolMember? = nil) {
        for action in actions {
            switch action {
            case .spawn(let worker, let isForRetry): spawn(worker, in: pool, isForRetry: isForRetry)
            case .send(let worker, let token, let seq, let attempt):
                // The pool may have ended over a start before this, and the task with it.
                guard !pools[pool].state.isEnding, let member = member(worker, of: pool) else { continue }
                client.writeTask(
                    token,
                    seq: seq,
                    attempt: attempt,
                    to: member.view,
                    into: &member.outbox
                )
            case .recall(let worker, let max): member(worker, of: pool)?.outbox.writeRecall(max: max)
            case .drain(let worker):
                guard let member = member(worker, of: pool) else { continue }
                member.outbox.writeDrain()
                member.closesInputWhenFlushed = true
            case .terminate(let worker):
                guard let member = member(worker, of: pool) else { continue }
                member.memory.note(member.link.memory())
                member.link.signalGroup(SIGTERM)
            case .kill(let worker): member(worker, of: pool)?.link.signalGroup(SIGKILL)
            case .triedAgain(let token, let exit, _, let nanoseconds):
                client.triedAgain(token, after: exit, nanosecondsInHand: nanoseconds)
            case .complete(let token, let end, let worker):
                let blamed = worker.flatMap { member($0, of: pool) ?? ended }
                client.ended(token, end, by: blamed?.view)
            case .finished(let end):
                pools[pool].hasEnded = true
                client.poolEnded(pool, end, lastWords: pools[pool].lastWords)
            }
        }
    }

    private func member(_ worker: WorkerID, of pool: Int) -> PoolMember? {
        guard let member = pools[pool].members[worker.slot], member.view.id == worker else { return nil }
        return member
    }

    private func spawn(_ worker: WorkerID, in pool: Int, isForRetry: Bool) {
        // The pool may have ended over the start before this one, and its workers were killed already.
        guard !pools[pool].state.isEnding else {
            return feed(.spawnFailed(worker, isHopeless: false), to: pool)
        }
        let number = worker.slot % pools[pool].commands.count
        let words = pools[pool].commands[number].words(
            isSelfLimiting: pools[pool].selfLimiting.contains(number)
        )
        do {
            let link = try host.start(words, showsBacktrace: isForRetry)
            let member = PoolMember(worker, link, pool: pool)
            client.writeInit(for: worker, of: pool, into: &member.outbox)
            pools[pool].members[worker.slot] = member
            client.noted(.started, of: member.view)
        } catch {
            pools[pool].lastWords = ["\(error)"]
            feed(.spawnFailed(worker, isHopeless: error is PoolError), to: pool)
        }
    }
}
