// SPDX-License-Identifier: MIT
// fetchpool

import Foundation
import Glibc
package import Platform
import PoolWire

/// The loop that owns the child processes of all pools; only its thread may start child processes.
///
/// A turn reads from the workers, calls the client, lets each pool decide, and sends lines to the workers.
/// The loop sleeps in poll(2); while all workers have enough tasks, it may also pause for a fraction of a
/// millisecond. `PoolState` makes a pool's decisions, and `PoolMember` handles one child process.
package final class PoolLoop {
    let host: any LoopHost
    unowned let client: any LoopClient
    var pools: [Pool] = []
    /// The processes that have ended and are not released yet, with the numbers of their pools.
    var reaping: [(pool: Int, link: any WorkerLink)] = []
    private var poolsAdded = 0
    var polled: [pollfd] = []
    private var clock: LoopClock
    /// The time on the loop's clock at which events of this turn count.
    ///
    /// The time is set at the beginning of each turn, and goes on while workers are read (`readTime`).
    package private(set) var now: PoolTime
    private var turnBegan: PoolTime
    /// True if the clock goes on while workers are read; false in the last round that `mostRounds` allows.
    private var goesOn = true
    var nextWatch = PoolTime(nanoseconds: 0)
    /// The buffer for the decisions of one pool at a time; each turn reuses this buffer.
    private var decisions: [PoolAction] = []

    /// One pool: its decisions, its commands and its child processes.
    ///
    /// `Pool` is a class, so that access to one property does not copy the other properties. Exclusive access
    /// to `state` is not checked: the checks would cost time, because each task uses `state` several times.
    /// The checks are not needed, because a `PoolState` never calls the loop or the client.
    final class Pool {
        let number: Int
        unowned let client: any PoolClient
        @exclusivity(unchecked) @safe
        var state: PoolState
        let commands: [WorkerCommand]
        var members: [PoolMember?]
        /// The number of processes that were started in each slot.
        var starts: [Int]
        /// The numbers of the commands whose workers set their own limits (`Hello.isSelfLimiting`).
        ///
        /// A worker says in its first message, `hello`, that it sets its limits itself. One such worker is
        /// enough for its command.
        var selfLimiting: Set<Int> = []
        /// The time of the next beat to workers that may be on other machines.
        var beatsAt = PoolTime(nanoseconds: 0)
        /// The time at which the pool ended; `nil` before that.
        var endedAt: PoolTime?
        var hasEnded: Bool { endedAt != nil }

        init(
            _ number: Int,
            _ options: PoolOptions,
            _ commands: [WorkerCommand],
            _ client: any PoolClient
        ) {
            (self.number, self.client, self.commands) = (number, client, commands)
            state = PoolState(options)
            members = Array(repeating: nil, count: state.places)
            starts = Array(repeating: 0, count: state.places)
        }

        /// Returns the worker if it is still in its slot; otherwise `nil`.
        func member(_ worker: WorkerID) -> PoolMember? {
            guard let member = members[worker.slot], member.view.id == worker else { return nil }
            return member
        }
    }

    /// Creates a loop; `client` must outlive it.
    ///
    /// Use the loop on one thread only.
    package init(client: any LoopClient, host: any LoopHost) {
        (self.client, self.host) = (client, host)
        let real = host.realTime
        clock = LoopClock(real: real)
        now = clock.time(at: real)
        turnBegan = now
    }

    /// Adds a pool for the tasks of `client`, and returns the pool's number.
    ///
    /// `client` must outlive the pool. The worker in slot n runs command n modulo the number of commands.
    /// `commands` must not be empty, and `options.commands` must be the number of its elements.
    package func addPool(_ options: PoolOptions, commands: [WorkerCommand], client: any PoolClient) -> Int {
        precondition(!commands.isEmpty)
        precondition(options.commands == commands.count, "options.commands must be the number of commands")
        pools.append(Pool(poolsAdded, options, commands, client))
        poolsAdded += 1
        return poolsAdded - 1
    }

    /// Lets a pool finish its tasks, then ends its workers.
    ///
    /// The call has no effect on a pool that is already draining, is ending or has ended.
    package func drain(_ pool: Int) {
        feed(.drain, to: self[pool])
    }

    /// Kills a pool's workers, and cancels its tasks.
    ///
    /// Before that, the loop closes the input of workers that may be child coordinators. All child
    /// coordinators together have half a second to end their own workers and to remove their spools.
    ///
    /// In a pool that is already ending, this function kills the workers that are left.
    ///
    /// A worker whose process does not end after SIGKILL counts as ended after 10 s; if `isUrgent` is true,
    /// after 2 s.
    package func stop(_ pool: Int, isUrgent: Bool = false) {
        if isUrgent { for member in self[pool].members { member?.hurry() } }
        dismissCoordinators(of: self[pool])
        feed(.stop, to: self[pool])
    }

    private func dismissCoordinators(of pool: Pool) {
        guard pool.state.options.trustedNames.contains(PoolState.coordinatorName) else { return }
        var left = pool.members.compactMap(\.self).filter { member in
            // The built-in workers need no launcher, and have no children to end.
            let command = pool.commands[member.view.id.slot % pool.commands.count]
            return member.isCoordinator != false && !command.launcher.isEmpty && member.link.pidfd >= 0
        }
        for member in left { member.link.closeInput() }
        let deadline = clockTime + 500
        while !left.isEmpty, clockTime < deadline {
            var entries = left.map { pollfd(fd: $0.link.pidfd, events: Int16(POLLIN), revents: 0) }
            host.sleep(&entries, milliseconds: 100)
            left = zip(left, entries).filter { $0.1.revents == 0 }.map(\.0)
        }
    }

    /// Returns the number of a pool's workers that died or had to be ended (`PoolState.restarts`).
    package func restarts(of pool: Int) -> Int { self[pool].state.restarts }

    /// Returns the number of a pool's workers that died or had to be ended, by reason
    /// (`PoolState.restartReasons`).
    package func restartReasons(of pool: Int) -> [RestartReason: Int] { self[pool].state.restartReasons }

    /// Returns the times that a pool's workers have spent in each activity, by slot.
    package func workerTimes(of pool: Int) -> [WorkerTimes] { self[pool].state.workerTimes }

    /// Returns the value of `PoolState.hasHeard` for a pool.
    package func hasHeard(from pool: Int) -> Bool { self[pool].state.hasHeard }

    /// Returns the number of a pool's tasks that have not ended.
    package func unendedTasks(of pool: Int) -> Int { self[pool].state.unendedTasks }

    /// Returns the longest time that any worker of a pool has had its oldest task, in nanoseconds; 0 if no
    /// worker has a task.
    ///
    /// For a sequential worker, the time counts from the moment at which the worker could begin the task. For
    /// a concurrent worker, the time counts from the sending of the task.
    package func longestInHand(of pool: Int) -> Int { self[pool].state.longestInHand(at: now) }

    /// The current time on the loop's clock.
    var clockTime: PoolTime { clock.time(at: host.realTime) }

    /// Runs turns while `goesOn` returns true, then stops the pools that have not ended (`stop`).
    ///
    /// When the function returns, all workers have ended, or count as ended because they have survived
    /// SIGKILL for too long (`stop`). All descriptors of the workers are closed. A worker is left as a zombie
    /// only if Foundation does not reap it within a second.
    package func run(while goesOn: () -> Bool) {
        turn(while: goesOn)
        for pool in pools where !pool.hasEnded { stop(pool.number) }
        turn { pools.contains { !$0.hasEnded } }
        reapRest()
        host.poolLeft()
    }

    // MARK: One turn

    /// Runs turns, with a sleep between them, while `goesOn` returns true.
    ///
    /// `goesOn` is also called before each sleep, because nothing would wake the loop after the last turn.
    private func turn(while goesOn: () -> Bool) {
        while goesOn() {
            turn()
            if goesOn() {
                rest()
                // If more than a second has passed since the last `advance`, the clock leaves this time out.
                let milliseconds = timeout(at: clock.advance(to: host.realTime))
                sleep(milliseconds: milliseconds)
                let planned = milliseconds < 0 ? LoopClock.noLimit : Int(milliseconds) * 1_000_000
                _ = clock.advance(to: host.realTime, planned: planned)
            }
        }
    }

    private func turn() {
        now = clockTime
        turnBegan = now
        goesOn = true
        for pool in pools {
            pool.state.turnBegan = turnBegan
            read(pool, onlyIfDue: false)
        }
        // If the clock has gone on, deadlines may be due that were not due when their pools were read.
        var last = turnBegan
        var rounds = 0
        while now > last {
            (last, rounds) = (now, rounds + 1)
            goesOn = rounds < Self.mostRounds
            for pool in pools { read(pool, onlyIfDue: true) }
        }
        watchMemory(at: now)
        client.turn(at: now)
        for pool in pools where !pool.hasEnded {
            pull(for: pool)
            settle(pool)
            beat(for: pool)
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

    /// The shortest time by which `readTime` moves `now`.
    private static let shortestLag: PoolTime.Milliseconds = 1

    /// The largest number of rounds in one turn, after the turn has read all pools.
    ///
    /// Each round reads the pools whose deadlines have become due. In the last of these rounds, the clock
    /// stands still, so that no other round follows.
    private static let mostRounds = 3

    /// Reads the workers of a pool that have sent something, or all workers if a deadline of the pool is due.
    ///
    /// Output that came since poll(2) returned must be read before a deadline is checked. If `onlyIfDue` is
    /// true, a pool without a due deadline is not read.
    private func read(_ pool: Pool, onlyIfDue: Bool) {
        // The variable saves time: each access to `pool.client` would retain and release the client.
        let client = pool.client
        let judges = pool.state.nextWake().map { $0 <= now } ?? false
        guard judges || !onlyIfDue else { return }
        for slot in pool.members.indices {
            guard let member = pool.members[slot] else { continue }
            if judges { member.mustRead() }
            // For reads of standard output, the listener lets the clock go on.
            if member.isReadyBesideOutput { _ = readTime() }
            service(member, of: pool, for: client)
        }
    }

    /// Moves `now` to the present, and returns `now`.
    ///
    /// `now` does not change if the clock stands still in this round, or if less than `shortestLag` has
    /// passed.
    ///
    /// The reads of other workers can take long. If the clock stood still meanwhile, the tasks of a worker
    /// that is read later would seem shorter than they are. If a single read takes more than a second, its
    /// time does not count (`LoopClock`).
    func readTime() -> PoolTime {
        if goesOn, clockTime >= now + Self.shortestLag { now = clock.advance(to: host.realTime) }
        return now
    }

    func releaseReaped() {
        reaping.removeAll { _, link in
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
        if wanted > 0 { client.willTake(wanted) }
        while wanted > 0, let task = client.nextTask() {
            pool.state.submit(task)
            wanted -= 1
        }
        pool.state.mayGetMore = wanted == 0
    }

    /// The interval between two beats to a worker that may be on another machine.
    private static let beatInterval: PoolTime.Milliseconds = 1_000

    /// Sends a beat each second to the trusted workers of a pool whose workers may be on other machines.
    ///
    /// `PoolOptions.trustedNames` names the trusted programs. A worker that the pool is ending gets no beat
    /// (`PoolState.expectsBeats`).
    ///
    /// A trusted worker on another machine ends itself if it gets nothing for
    /// `WireLimits.coordinatorSilence`, because its connection is then probably lost. `fetchpool-fetch` may
    /// end later, after at most twice this time.
    private func beat(for pool: Pool) {
        guard pool.state.options.workersAreRemote, now >= pool.beatsAt else { return }
        pool.beatsAt = now + Self.beatInterval
        for member in pool.members {
            guard let member, pool.state.expectsBeats(member.view.id) else { continue }
            member.sendBeat()
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
        client.noted(.ended(pool.state.explain(exit, of: member.view.id)), of: member.view)
        feed(.ended(member.view.id, exit, unread: member.unreadTasks, isTorn: member.isTorn), to: pool)
        member.link.closeAll()
        reaping.append((pool.number, member.link))
    }
}

// Sleeping, and waiting for the last child processes.

extension PoolLoop {
    /// The longest sleep if the time of the next turn is known, in milliseconds.
    private static let longestSleep = 250
    /// The longest time from the start of a turn to the end of its pause, in nanoseconds.
    ///
    /// About 200 of the cheapest tasks take this time; longer pauses save little more.
    private static let longestRound = 300_000
    /// The shortest pause, in nanoseconds; shorter pauses cost more than they save.
    private static let shortestRest = 50_000

    /// Pauses if each worker has enough tasks.
    ///
    /// For cheap tasks, a wake-up for every result would cost more than all other work. The loop pauses for
    /// at most a quarter of the time for which all workers have tasks.
    func rest() {
        var ahead = Int.max
        for pool in pools where !pool.hasEnded {
            // A worker with `readsManyLines` writes many results together, so a pause would save nothing.
            guard !pool.members.contains(where: { $0?.readsManyLines ?? false }) else { return }
            ahead = min(ahead, pool.state.workAhead)
        }
        guard ahead < Int.max else { return }
        let rest = min(ahead / 4, Self.longestRound) - (clockTime - turnBegan)
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

    /// Returns the time until the next turn is due even if nothing happens, in milliseconds; −1 for no limit.
    ///
    /// If there is a due time, the result is at most `longestSleep`. In a longer sleep, `LoopClock` could not
    /// notice that this process was stopped for a part of the sleep.
    func timeout(at now: PoolTime) -> Int32 {
        var earliest = client.nextWake(after: now)
        func consider(_ time: PoolTime?) {
            guard let time else { return }
            earliest = min(earliest ?? time, time)
        }
        for pool in pools {
            consider(pool.hasEnded ? nil : pool.state.nextWake())
            if pool.state.options.workersAreRemote, !pool.hasEnded { consider(pool.beatsAt) }
            for member in pool.members { consider(member?.nextWake) }
        }
        consider(watchDue)
        guard let earliest else { return -1 }
        return Int32(clamping: min(max(0, (earliest - now + 999_999) / 1_000_000), Self.longestSleep))
    }

    /// Waits until Foundation's threads have reaped the ended processes.
    ///
    /// Foundation's handlers run a moment after the end of a process. A grandchild can delay a handler, so
    /// the wait is limited to a second. A process that is reaped later is released then, on another thread.
    func reapRest() {
        let deadline = clockTime + 1_000
        while true {
            releaseReaped()
            guard !reaping.isEmpty, clockTime < deadline else { break }
            var none: [pollfd] = []
            host.sleep(&none, milliseconds: 50)
        }
        for (_, link) in reaping { link.abandon() }
        reaping = []
    }
}
