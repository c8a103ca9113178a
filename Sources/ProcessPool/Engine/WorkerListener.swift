// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire

/// The receiver of the messages and other signs (`PoolMember.Sign`) of one worker during one call of
/// `PoolMember.read`.
struct WorkerListener {
    let loop: PoolLoop
    let client: any PoolClient
    let pool: PoolLoop.Pool
    let member: PoolMember
    /// The time on the loop's clock after the last read of the worker's output.
    ///
    /// Before the first read, this is the value of `PoolLoop.now` at the creation of the listener.
    private(set) var now: PoolTime
    /// The number of results that this listener has accepted.
    private(set) var takenResults = 0

    init(loop: PoolLoop, client: any PoolClient, pool: PoolLoop.Pool, member: PoolMember, now: PoolTime) {
        (self.loop, self.client, self.pool, self.member, self.now) = (loop, client, pool, member, now)
    }

    /// Notes that bytes of the worker's output were read.
    mutating func hasRead() { now = loop.readTime() }

    /// Takes a result, with the line that contains it.
    mutating func take(_ message: ResultMessage, in line: Span<UInt8>) {
        guard let accepted = accept(message.seq) else {
            // A pool that is ending has no tasks any more, so the last results of its workers are not errors.
            guard !pool.state.isEnding else { return }
            return client.noted(.strayResult(seq: message.seq), of: member.view)
        }
        takenResults += 1
        client.completed(accepted, message, in: line, by: member.view)
    }

    private func accept(_ seq: Int) -> AcceptedResult? {
        let worker = member.view.id
        if let accepted = pool.state.accept(result: seq, from: worker, at: now) { return accepted }
        // `seq` may belong to a later task, if the results of earlier tasks were unusable.
        loop.feed(.skipped(worker, to: seq), to: pool)
        return pool.state.accept(result: seq, from: worker, at: now)
    }

    /// Takes a message of any kind, with the line that contains it.
    mutating func take(_ message: WorkerMessage, in line: Span<UInt8>) {
        let worker = member.view.id
        switch message {
        case .result(let result): take(result, in: line)
        case .hello(let hello): greet(hello)
        case .start(let seq): loop.feed(.started(worker, seq: seq), to: pool)
        case .returned(let seq): loop.feed(.returned(worker, seq: seq), to: pool)
        case .bye: loop.feed(.bye(worker), to: pool)
        case .beat(let beat):
            loop.feed(.beat(worker, isHeld: beat.isSpoolFull, unread: member.unreadTasks), to: pool)
            member.memory.note(beat)
            client.noted(.beat(beat), of: member.view)
        case .unknown, .echo: loop.feed(.spoke(worker), to: pool)
        }
    }

    /// Returns `true` if `line` equals the first line that was sent to the worker.
    func isFirstLine(_ line: Span<UInt8>) -> Bool { line.array(0..<line.count) == member.firstLine }

    /// Takes an observation other than a message.
    func take(_ sign: PoolMember.Sign) {
        let worker = member.view.id
        switch sign {
        case .unusable(let line):
            client.noted(.unusableLine(line.shown, reason: line.reason), of: member.view)
            loop.feed(.garbage(worker, line), to: pool)
        case .echo(let line):
            client.noted(.unusableLine(line.shown, reason: line.reason), of: member.view)
            if pool.state.phase(of: worker) == .starting {
                // If the pool ends because of this worker, the error message shows this text.
                member.errorTail.add("the program echoes its input; see the worker protocol")
            }
            loop.feed(.echoed(worker, line), to: pool)
        case .part: loop.feed(.sentPart(worker), to: pool)
        case .outputClosed: loop.feed(.outputClosed(worker), to: pool)
        case .errorLine(let text): client.noted(.errorLine(text), of: member.view)
        }
    }

    /// Accepts a worker's `hello`, or refuses the worker.
    ///
    /// The pool ignores the refusal if page content has probably forged the `hello` (`PoolState.refuse`).
    private func greet(_ hello: Hello) {
        let worker = member.view.id
        // Page content may have forged any later `hello`.
        if member.isCoordinator == nil { member.isCoordinator = hello.name == PoolState.coordinatorName }
        let command = pool.commands[worker.slot % pool.commands.count]
        if let reason = refusal(of: hello, by: command) { return refuse(reason) }
        guard hello.version != WireLimits.version else {
            let unread = member.unreadTasks
            let isFirst = pool.state.awaitsHello(of: worker, unread: unread)
            loop.feed(.hello(worker, hello, unread: unread), to: pool)
            // Page content may have forged any other `hello`.
            if isFirst, hello.isSelfLimiting { pool.selfLimiting.insert(worker.slot % pool.commands.count) }
            return
        }
        refuse(
            "the program speaks version \(hello.version) of the worker protocol, but this coordinator speaks version \(WireLimits.version)"
        )
    }

    /// Returns the reason why a worker is not the `fetchpool` that its command needs; `nil` if there is none.
    ///
    /// The result is also `nil` for a worker with another version of the protocol; `greet` refuses such a
    /// worker.
    private func refusal(of hello: Hello, by command: WorkerCommand) -> String? {
        guard let version = command.coordinatorVersion, hello.version == WireLimits.version else {
            return nil
        }
        guard hello.name == PoolState.coordinatorName else {
            return hello.name.map { "its program is '\($0)', but it must be fetchpool" }
                ?? "its program gives no name, so it is not fetchpool"
        }
        guard hello.programVersion != version else { return nil }
        let other = hello.programVersion.map { "fetchpool \($0)" } ?? "an older fetchpool"
        let ours = "this machine has fetchpool \(version)"
        return "the other machine has \(other), and \(ours); install the same version on both machines"
    }

    private func refuse(_ reason: String) {
        let worker = member.view.id
        member.errorTail.add(reason)
        client.noted(.errorLine(reason), of: member.view)
        loop.feed(.refused(worker, unread: member.unreadTasks), to: pool)
    }
}
