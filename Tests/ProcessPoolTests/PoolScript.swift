// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// A pool without processes: events go in by hand, with a clock moved by hand, and what was decided is looked at.
struct PoolScript {
    private(set) var state: PoolState
    private(set) var now = PoolTime(nanoseconds: 0)
    private(set) var dead: Set<WorkerID> = []
    private(set) var lives: [Int: WorkerID] = [:]
    private(set) var sent: [Sending] = []
    private(set) var ends: [Int: TaskEnd] = [:]
    /// What the records of tasks say whose answers could not be used.
    private(set) var complaints: [Int: String] = [:]
    private(set) var answered: [Int] = []
    private(set) var recalls: [Int: Int] = [:]
    private(set) var drained: Set<Int> = []
    private(set) var killed: Set<Int> = []
    private(set) var terminated: Set<Int> = []
    private(set) var spawns = 0
    private(set) var spawnsForRetry: Set<WorkerID> = []
    /// Tasks that a worker died of, and the milliseconds it had them in hand.
    private(set) var triedAgain: [(token: Int, milliseconds: Int)] = []
    private(set) var end: PoolEnd?

    struct Sending: Equatable {
        let slot: Int
        let token: Int
        let seq: Int
        let attempt: Int
    }

    /// A pool of `workers` that were started and have said hello, sequential unless told otherwise.
    init(
        workers: Int = 1,
        concurrency: Int = 1,
        name: String? = nil,
        greet: Bool = true,
        _ change: (inout PoolOptions) -> Void = { _ in }
    ) {
        var options = PoolOptions(workers: workers)
        options.startsAll = true
        change(&options)
        state = PoolState(options)
        settle()
        guard greet else { return }
        for slot in 0..<workers { hello(slot, concurrency: concurrency, name: name) }
        settle()
    }

    mutating func advance(milliseconds: Int) { advance(nanoseconds: milliseconds * 1_000_000) }

    mutating func advance(nanoseconds: Int) {
        now = PoolTime(nanoseconds: now.nanoseconds + nanoseconds)
        settle()
    }

    mutating func submit(
        _ tokens: Int...,
        mayRepeat: Bool = true,
        bound: PoolTime.Milliseconds? = nil,
        affinity: Int? = nil
    ) {
        for token in tokens {
            feed(.submitted(token: token, mayRepeat: mayRepeat, bound: bound, affinity: affinity))
        }
        settle()
    }

    /// The worker says hello, with so many of its tasks unread: as a rule all of them.
    mutating func hello(_ slot: Int, concurrency: Int = 1, name: String? = nil, unread: Int = .max) {
        feed(.hello(worker(slot), Hello(name: name, concurrency: concurrency), unread: unread))
    }

    /// The worker prints a line that is no message, which names these tasks as an answer does.
    mutating func print(_ text: String, naming tokens: Int..., from slot: Int = 0) {
        let line = UnusableLine(
            shown: text,
            reason: "not JSON",
            bytes: text.utf8.count + 1,
            isAnswerLike: text.hasPrefix("{"),
            numbers: tokens.map { seq(of: $0) }
        )
        feed(.garbage(worker(slot), line))
        settle()
    }

    /// The worker answers the sending of a task; returns the token if the pool took it.
    @discardableResult
    mutating func answer(_ token: Int) -> Int? {
        guard let sending = sent.last(where: { $0.token == token }) else { return nil }
        let worker = worker(sending.slot)
        var accepted = state.accept(answer: sending.seq, from: worker, at: now)
        if accepted == nil {
            feed(.skipped(worker, to: sending.seq))
            accepted = state.accept(answer: sending.seq, from: worker, at: now)
        }
        if let accepted { answered.append(accepted.token) }
        settle()
        return accepted?.token
    }

    /// The worker answers what it was never sent.
    mutating func accept(strayAnswer seq: Int, from slot: Int) {
        let accepted = state.accept(answer: seq, from: worker(slot), at: now)
        #expect(accepted == nil)
        settle()
    }

    /// The worker ends, having read nothing of the last `unread` tasks sent to it.
    mutating func die(_ slot: Int, signal: Int32? = 11, status: Int32 = 0, unread: Int = 0) {
        dead.insert(worker(slot))
        feed(.ended(worker(slot), WorkerExit(signal: signal, status: status), unread: unread))
        settle()
    }

    mutating func feed(_ event: PoolEvent) {
        var actions: [PoolAction] = []
        state.handle(event, at: now, into: &actions)
        take(actions)
    }

    mutating func settle() {
        var actions: [PoolAction] = []
        state.settle(at: now, into: &actions)
        take(actions)
    }

    /// The client expects so many tasks soon.
    mutating func expect(tasks: Int) {
        state.expectedTasks = tasks
        settle()
    }

    /// So much waits to be read by a worker, or does no more.
    mutating func stuff(_ slot: Int, _ isStuffed: Bool) {
        state.note(isStuffed: isStuffed, worker(slot))
        settle()
    }

    /// Whether a worker that was started in this slot has not died.
    func isAlive(_ slot: Int) -> Bool { lives[slot].map { !dead.contains($0) } ?? false }

    func worker(_ slot: Int) -> WorkerID { lives[slot] ?? WorkerID(slot: slot, life: -7) }

    /// The tokens sent to a slot since its present worker was started, in order.
    func tokens(sentTo slot: Int) -> [Int] { sent.filter { $0.slot == slot }.map(\.token) }

    func seq(of token: Int) -> Int { sent.last { $0.token == token }?.seq ?? -1 }

    private mutating func take(_ actions: [PoolAction]) {
        for action in actions {
            switch action {
            case .spawn(let worker, let isForRetry):
                lives[worker.slot] = worker
                spawns += 1
                if isForRetry { spawnsForRetry.insert(worker) }
            case .triedAgain(let token, _, _, let nanoseconds):
                triedAgain.append((token, nanoseconds / 1_000_000))
            case .send(let worker, let token, let seq, let attempt):
                sent.append(Sending(slot: worker.slot, token: token, seq: seq, attempt: attempt))
            case .recall(let worker, let max): recalls[worker.slot] = max
            case .drain(let worker): drained.insert(worker.slot)
            case .terminate(let worker): terminated.insert(worker.slot)
            case .kill(let worker): killed.insert(worker.slot)
            case .complete(let token, let end, _):
                #expect(ends[token] == nil, "task \(token) ended twice")
                ends[token] = end.plain
                complaints[token] = end.complaint
            case .finished(let end):
                #expect(self.end == nil, "the pool ended twice")
                self.end = end
            }
        }
    }
}
