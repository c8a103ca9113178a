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
    /// Wakes the loop from any thread.
    package let wake: WakePipe
    private unowned let client: any PoolClient
    private var pools: [Pool] = []
    private var reaping: [WorkerProcess] = []
    private var polled: [pollfd] = []
    private let clock = ContinuousClock()
    private let origin = ContinuousClock().now

    /// One pool: its decisions, its commands and its children.
    private struct Pool {
        var state: PoolState
        let commands: [WorkerCommand]
        var members: [PoolMember?]
        var hasEnded = false
        var lastWords: [String] = []
    }

    /// Creates a loop; `client` must outlive it.
    ///
    /// Use it on one thread only.
    package init(client: any PoolClient, wake: WakePipe) {
        self.client = client
        self.wake = wake
    }

    /// Adds a pool and answers its number.
    ///
    /// Its workers are started by the first turn. The one at place n runs command n modulo their number; there must be at least
    /// one.
    package func addPool(_ options: PoolOptions, commands: [WorkerCommand]) -> Int {
        precondition(!commands.isEmpty)
        let none = [PoolMember?](repeating: nil, count: options.workers)
        pools.append(Pool(state: PoolState(options), commands: commands, members: none))
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

    /// The loop's clock.
    package var now: PoolTime {
        let (seconds, attoseconds) = (clock.now - origin).components
        return PoolTime(nanoseconds: Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    }

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
            if goesOn() { sleep() }
        }
    }

    private func turn() {
        let now = now
        for pool in pools.indices {
            for slot in pools[pool].members.indices { service(slot, of: pool, at: now) }
        }
        client.turn(at: now)
        for pool in pools.indices where !pools[pool].hasEnded {
            pull(for: pool, at: now)
            var actions: [PoolAction] = []
            pools[pool].state.settle(at: now, into: &actions)
            perform(actions, for: pool)
        }
        for pool in pools.indices {
            for member in pools[pool].members { member?.process.flush() }
        }
        releaseReaped()
        client.endOfTurn(at: now)
    }

    private func releaseReaped() {
        reaping.removeAll { process in
            guard process.isReaped else { return false }
            process.release()
            return true
        }
    }

    private func pull(for pool: Int, at now: PoolTime) {
        var wanted = pools[pool].state.wanted(at: now)
        var actions: [PoolAction] = []
        while wanted > 0, let task = client.nextTask(for: pool) {
            let event = PoolEvent.submitted(token: task.token, mayRepeat: task.mayRepeat)
            pools[pool].state.handle(event, at: now, into: &actions)
            wanted -= 1
        }
    }

    private func service(_ slot: Int, of pool: Int, at now: PoolTime) {
        guard let member = pools[pool].members[slot] else { return }
        member.read(at: now) { message in
            self.take(message, from: member, at: now)
        }
        guard let exit = member.exit(at: now) else { return }
        pools[pool].members[slot] = nil
        // Those of a worker that the pool's end killed would hide why it ended.
        if !pools[pool].state.isEnding { pools[pool].lastWords = member.process.errorTail.tail }
        client.noted(.ended(exit), of: member.view)
        feed(.ended(member.view.id, exit), to: pool, member: member)
        member.process.closeAll()
        reaping.append(member.process)
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
        case .line(.hello(let hello), _, _): greet(hello, from: member)
        case .line(.start(let seq), _, _): feed(.started(worker, seq: seq), to: pool)
        case .line(.returned(let seq), _, _): feed(.returned(worker, seq: seq), to: pool)
        case .line(.bye, _, _): feed(.bye(worker), to: pool)
        case .line(.beat(let beat), _, _):
            feed(.spoke(worker), to: pool)
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
        guard hello.version != WireLimits.version else { return feed(.hello(worker, hello), to: pool) }
        let reason =
            "it speaks version \(hello.version) of the worker protocol, this coordinator version \(WireLimits.version)"
        member.process.errorTail.add(reason)
        client.noted(.errorLine(reason), of: member.view)
        feed(.refused(worker), to: pool)
    }

    // MARK: Doing what was decided

    private func feed(_ event: PoolEvent, to pool: Int, member: PoolMember? = nil) {
        var actions: [PoolAction] = []
        pools[pool].state.handle(event, at: now, into: &actions)
        perform(actions, for: pool, member: member)
    }

    /// `member` is the one whose end led to these actions, for it is in its slot no more.
    private func perform(_ actions: [PoolAction], for pool: Int, member ended: PoolMember? = nil) {
        for action in actions {
            switch action {
            case .spawn(let worker): spawn(worker, in: pool)
            case .send(let worker, let token, let seq, let attempt):
                guard let member = member(worker, of: pool) else { continue }
                client.writeTask(
                    token,
                    seq: seq,
                    attempt: attempt,
                    to: member.view,
                    into: &member.process.outbox
                )
            case .recall(let worker, let max): member(worker, of: pool)?.process.outbox.writeRecall(max: max)
            case .drain(let worker):
                guard let member = member(worker, of: pool) else { continue }
                member.process.outbox.writeDrain()
                member.process.closesInputWhenFlushed = true
            case .terminate(let worker): member(worker, of: pool)?.process.signalGroup(SIGTERM)
            case .kill(let worker): member(worker, of: pool)?.process.signalGroup(SIGKILL)
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

    private func spawn(_ worker: WorkerID, in pool: Int) {
        let command = pools[pool].commands[worker.slot % pools[pool].commands.count]
        do {
            guard unsafe access(command.executable, X_OK) == 0 else {
                throw PoolError.noSuchProgram(command.executable)
            }
            let process = try WorkerProcess(worker, command, waking: wake)
            let member = PoolMember(process, pool: pool)
            client.writeInit(for: worker, of: pool, into: &process.outbox)
            pools[pool].members[worker.slot] = member
            client.noted(.started, of: member.view)
        } catch {
            pools[pool].lastWords = ["\(error)"]
            feed(.spawnFailed(worker, isHopeless: error is PoolError), to: pool)
        }
    }

    // MARK: Sleeping

    private func sleep() {
        polled.removeAll(keepingCapacity: true)
        polled.append(pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0))
        for pool in pools {
            for member in pool.members { member?.addPollEntries(to: &polled) }
        }
        // poll(2) writes `revents` of the entries it is given, and nothing else.
        unsafe _ = poll(&polled, nfds_t(polled.count), timeout())
        if polled[0].revents != 0 { wake.clear() }
        var next = 1
        for pool in pools {
            for member in pool.members { member?.takePollResults(polled, from: &next) }
        }
    }

    /// Milliseconds until something must be looked at although nothing happens; −1 for ever.
    private func timeout() -> Int32 {
        let now = now
        var earliest = client.nextWake(after: now)
        func consider(_ time: PoolTime?) {
            guard let time else { return }
            earliest = min(earliest ?? time, time)
        }
        for pool in pools {
            consider(pool.hasEnded ? nil : pool.state.nextWake())
            for member in pool.members { consider(member?.nextWake) }
        }
        guard let earliest else { return -1 }
        return Int32(clamping: max(0, (earliest - now + 999_999) / 1_000_000))
    }

    /// Waits for Foundation's threads to reap what has ended, since their handlers come a moment after the
    /// kernel's word.
    ///
    /// A grandchild may hold a handler up, so the wait is bounded.
    private func reapRest() {
        let deadline = now + 1_000
        while !reaping.isEmpty, now < deadline {
            releaseReaped()
            guard !reaping.isEmpty else { return }
            var entry = pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0)
            unsafe _ = poll(&entry, 1, 50)
            wake.clear()
        }
    }
}
