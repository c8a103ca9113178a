// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
package import Platform
import PoolWire

/// The loop that owns the child processes of every pool, on the only thread that may start them.
///
/// A turn reads all readable descriptors, calls the client, lets each pool decide, and sends the lines that
/// were decided. The loop sleeps in poll(2); while all workers have enough tasks, it also pauses for a
/// fraction of a millisecond. `PoolState` makes a pool's decisions, and `PoolMember` handles one child
/// process.
package final class PoolLoop {
    let host: any LoopHost
    unowned let client: any LoopClient
    var pools: [Pool] = []
    var reaping: [any WorkerLink] = []
    var polled: [pollfd] = []
    private var clock: LoopClock
    /// The time at which this turn began, on the loop's clock, which does not count unplanned gaps.
    package private(set) var now: PoolTime
    var nextWatch = PoolTime(nanoseconds: 0)
    /// The buffer for the decisions of one `settle`; each turn uses it again.
    private var decisions: [PoolAction] = []

    /// One pool: its decisions, its commands and its child processes.
    ///
    /// It is a class, so that an access of one property does not copy the others.
    final class Pool {
        unowned let client: any PoolClient
        var state: PoolState
        let commands: [WorkerCommand]
        var members: [PoolMember?]
        /// The numbers of the commands whose workers have said that they need no launcher.
        var selfLimiting: Set<Int> = []
        var hasEnded = false

        init(_ options: PoolOptions, _ commands: [WorkerCommand], _ client: any PoolClient) {
            (self.client, self.commands) = (client, commands)
            state = PoolState(options)
            members = Array(repeating: nil, count: state.places)
        }

        /// Returns the worker if it is still in its slot; otherwise `nil`.
        func member(_ worker: WorkerID) -> PoolMember? {
            guard let member = members[worker.slot], member.view.id == worker else { return nil }
            return member
        }
    }

    /// Creates a loop; `client` must outlive it.
    ///
    /// Use it on one thread only.
    package init(client: any LoopClient, host: any LoopHost) {
        (self.client, self.host) = (client, host)
        let real = host.realTime
        clock = LoopClock(real: real)
        now = clock.time(at: real)
    }

    /// Adds a pool that does the tasks of `client`, which must outlive the loop; returns the pool's number.
    ///
    /// Workers are started from the next turn on. The worker in slot n runs command n modulo the number of
    /// commands; there must be at least one.
    package func addPool(_ options: PoolOptions, commands: [WorkerCommand], client: any PoolClient) -> Int {
        precondition(!commands.isEmpty)
        precondition(options.commands == commands.count, "each command has its state")
        pools.append(Pool(options, commands, client))
        return pools.count - 1
    }

    /// Lets a pool finish its tasks, then ends its workers.
    package func drain(_ pool: Int) {
        feed(.drain, to: pools[pool])
    }

    /// Kills a pool's workers; its tasks end as cancelled.
    ///
    /// The input of a worker that may be a child coordinator is closed first. The worker then has half a
    /// second to end its own workers and spool.
    package func stop(_ pool: Int) {
        dismissCoordinators(of: pools[pool])
        feed(.stop, to: pools[pool])
    }

    private func dismissCoordinators(of pool: Pool) {
        guard pool.state.options.trustedNames.contains(Self.coordinatorName) else { return }
        var left = pool.members.compactMap(\.self).filter { member in
            // The built-in workers need no launcher, and have no children to end.
            let command = pool.commands[member.view.id.slot % pool.commands.count]
            return member.mayBeCoordinator && !command.launcher.isEmpty && member.link.pidfd >= 0
        }
        for member in left { member.link.closeInput() }
        let deadline = clockTime + 500
        while !left.isEmpty, clockTime < deadline {
            var entries = left.map { pollfd(fd: $0.link.pidfd, events: Int16(POLLIN), revents: 0) }
            host.sleep(&entries, milliseconds: 100)
            left = zip(left, entries).filter { $0.1.revents == 0 }.map(\.0)
        }
    }

    /// The name that a coordinator gives itself in its `hello`.
    static let coordinatorName = "fetchpool"

    /// Returns the number of a pool's workers that died or had to be ended; failed starts do not count.
    package func restarts(of pool: Int) -> Int { pools[pool].state.restarts }

    /// Returns `true` if some command of a pool is known to be able to start.
    package func hasHeard(from pool: Int) -> Bool { pools[pool].state.hasHeard }

    /// Returns the number of a pool's tasks that have not ended.
    package func unendedTasks(of pool: Int) -> Int { pools[pool].state.unendedTasks }

    /// Returns the longest time that any worker of a pool has had its oldest task, in nanoseconds.
    package func longestInHand(of pool: Int) -> Int { pools[pool].state.longestInHand(at: now) }

    /// The current time on the loop's clock.
    var clockTime: PoolTime { clock.time(at: host.realTime) }

    /// Runs turns while `goesOn` returns true, then kills the workers of pools that have not ended.
    ///
    /// When it returns, all children have ended and their descriptors are closed. A child is left as a zombie
    /// only if Foundation does not reap it within a second.
    package func run(while goesOn: () -> Bool) {
        turn(while: goesOn)
        for pool in pools.indices where !pools[pool].hasEnded { stop(pool) }
        turn { pools.contains { !$0.hasEnded } }
        reapRest()
    }

    // MARK: One turn

    /// Runs turns, with a sleep between them, while `goesOn` returns true.
    ///
    /// It is also checked before each sleep, because nothing would wake the loop after the last turn.
    private func turn(while goesOn: () -> Bool) {
        while goesOn() {
            turn()
            if goesOn() {
                rest()
                // A long turn counts as a gap too.
                let milliseconds = timeout(at: clock.advance(to: host.realTime))
                sleep(milliseconds: milliseconds)
                _ = clock.advance(to: host.realTime, planned: max(Int(milliseconds), 0) * 1_000_000)
            }
        }
    }

    private func turn() {
        now = clockTime
        for pool in pools {
            // Kept in a variable, because each access of `pool.client` would retain and release it.
            let client = pool.client
            // Output that came since poll(2) returned must be read before a deadline is checked.
            let judges = pool.state.nextWake().map { $0 <= now } ?? false
            for slot in pool.members.indices {
                guard let member = pool.members[slot] else { continue }
                if judges { member.mustRead() }
                service(member, of: pool, for: client)
            }
        }
        watchMemory(at: now)
        client.turn(at: now)
        for pool in pools where !pool.hasEnded {
            pull(for: pool)
            settle(pool)
        }
        for pool in pools {
            for member in pool.members {
                guard let member else { continue }
                let wasStuffed = member.isStuffed
                member.flush()
                if member.isStuffed != wasStuffed {
                    pool.state.note(isStuffed: member.isStuffed, member.view.id)
                }
            }
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

    private func pull(for pool: Pool) {
        let client = pool.client
        pool.state.expectedTasks = client.expectedTasks
        pool.state.measurePace(at: now)
        var wanted = pool.state.wanted(at: now)
        while wanted > 0, let task = client.nextTask() {
            pool.state.submit(task)
            wanted -= 1
        }
    }

    private func settle(_ pool: Pool) {
        var actions: [PoolAction] = []
        swap(&actions, &decisions)
        pool.state.settle(at: now, into: &actions)
        perform(actions, for: pool)
        actions.removeAll(keepingCapacity: true)
        swap(&actions, &decisions)
    }

    private func service(_ member: PoolMember, of pool: Pool, for client: any PoolClient) {
        var listener = WorkerListener(loop: self, client: client, pool: pool, member: member, now: now)
        member.read(at: now, for: &listener)
        guard let exit = member.exit(at: now, limitKB: pool.state.options.memoryLimitKB, host) else { return }
        pool.members[member.view.id.slot] = nil
        client.noted(.ended(exit), of: member.view)
        feed(.ended(member.view.id, exit, unread: member.unreadTasks, isTorn: member.isTorn), to: pool)
        member.link.closeAll()
        reaping.append(member.link)
    }
}

// Sleeping, and waiting for the last child processes.

extension PoolLoop {
    /// The longest sleep while a deadline runs, in milliseconds.
    private static let longestSleep = 250
    /// The longest pause that the loop makes on purpose between turns, in nanoseconds.
    ///
    /// About 200 of the cheapest tasks take this time; longer pauses save little more.
    private static let longestRound = 300_000
    /// The shortest pause, in nanoseconds; shorter pauses cost more than they save.
    private static let shortestRest = 50_000

    /// Pauses while each worker has much to do.
    ///
    /// For cheap tasks, a wake-up for every single result costs more than all other work, including the
    /// worker's. So the loop waits for a fraction of the time in which no worker needs it.
    func rest() {
        var ahead = Int.max
        for pool in pools where !pool.hasEnded { ahead = min(ahead, pool.state.workAhead) }
        guard ahead < Int.max else { return }
        let rest = min(ahead / 4, Self.longestRound) - (clockTime - now)
        if rest >= Self.shortestRest { host.rest(nanoseconds: rest) }
    }

    /// Sleeps in poll(2) until a descriptor is ready, or `milliseconds` have passed; −1 is no limit.
    func sleep(milliseconds: Int32) {
        polled.removeAll(keepingCapacity: true)
        for pool in pools {
            for member in pool.members { member?.addPollEntries(to: &polled) }
        }
        host.sleep(&polled, milliseconds: milliseconds)
        var next = 0
        for pool in pools {
            for member in pool.members { member?.takePollResults(polled, from: &next) }
        }
    }

    /// Returns the milliseconds until the next turn is due although nothing happens; −1 for no limit.
    ///
    /// While a deadline runs the sleep is short, so that a gap in the loop's life can be recognized.
    func timeout(at now: PoolTime) -> Int32 {
        var earliest = client.nextWake(after: now)
        func consider(_ time: PoolTime?) {
            guard let time else { return }
            earliest = min(earliest ?? time, time)
        }
        for pool in pools {
            consider(pool.hasEnded ? nil : pool.state.nextWake())
            for member in pool.members { consider(member?.nextWake) }
        }
        consider(watchDue)
        guard let earliest else { return -1 }
        return Int32(clamping: min(max(0, (earliest - now + 999_999) / 1_000_000), Self.longestSleep))
    }

    /// Waits for Foundation's threads to reap ended processes, because their handlers run a moment after the
    /// end.
    ///
    /// A grandchild may delay a handler, so the wait is bounded.
    func reapRest() {
        let deadline = clockTime + 1_000
        while true {
            releaseReaped()
            guard !reaping.isEmpty, clockTime < deadline else { return }
            var none: [pollfd] = []
            host.sleep(&none, milliseconds: 50)
        }
    }
}
