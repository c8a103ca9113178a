// SPDX-License-Identifier: MIT
// fetchpool

import Platform
import PoolWire
import ProcessPool
import Testing

/// A pool without processes: tests pass events in, set the clock, and examine the decisions.
struct PoolScript {
    private(set) var state: PoolState
    private(set) var now = PoolTime(nanoseconds: 0)
    /// The time of the last task that was completed (`AcceptedResult.nanosecondsInHand`); at first 0.
    private(set) var nanosecondsInHand = 0
    private(set) var dead: Set<WorkerID> = []
    /// For each slot: the worker that was started last.
    private(set) var lives: [Int: WorkerID] = [:]
    private(set) var sent: [Sending] = []
    private(set) var ends: [Int: TaskEnd] = [:]
    /// The error messages in the records of tasks that ended because of unusable output.
    private(set) var complaints: [Int: String] = [:]
    private(set) var completed: [Int] = []
    /// For each slot: the largest number of tasks that the last recall asked for.
    private(set) var recalls: [Int: Int] = [:]
    /// The numbers of the sendings that workers were asked to give up.
    private(set) var cancelled: [Int] = []
    /// The numbers of the sendings whose `start` was confirmed.
    private(set) var confirmed: [Int] = []
    /// The slots in which a worker was told to exit.
    private(set) var drained: Set<Int> = []
    private var killedWorkers: Set<WorkerID> = []
    private var terminatedWorkers: Set<WorkerID> = []
    private(set) var spawns = 0
    private(set) var spawnsForRetry: Set<WorkerID> = []
    /// The tasks that were blamed for the end of a worker and will be retried.
    ///
    /// `milliseconds` is the time from the moment at which the worker could begin the task to the
    /// worker's end.
    private(set) var triedAgain: [(token: Int, milliseconds: Int)] = []
    private(set) var end: PoolEnd?

    struct Sending: Equatable {
        let slot: Int
        let token: Int
        let seq: Int
        let attempt: Int
    }

    /// Creates a pool of `workers` workers; by default, the workers are sequential.
    ///
    /// The pool starts its workers at once, unless `change` sets `startsAll` to false. The started workers
    /// have said `hello`, unless `greet` is false.
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

    /// Begins a turn of the loop, in which the loop reads all later events.
    mutating func beginTurn() { state.turnBegan = now }

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

    /// Lets a worker say `hello`.
    ///
    /// The worker has not read the last `unread` tasks sent to it; by default, it has read none.
    mutating func hello(_ slot: Int, concurrency: Int = 1, name: String? = nil, unread: Int = .max) {
        feed(.hello(worker(slot), Hello(name: name, concurrency: concurrency), unread: unread))
    }

    /// Lets a worker print a line that is not a message.
    ///
    /// `tokens` are the tasks whose `seq` the pool finds in the line.
    mutating func print(_ text: String, naming tokens: Int..., from slot: Int = 0) {
        let line = UnusableLine(
            shown: text,
            reason: "not JSON",
            bytes: text.utf8.count + 1,
            isResultLike: text.hasPrefix("{"),
            numbers: tokens.map { seq(of: $0) }
        )
        feed(.garbage(worker(slot), line))
        settle()
    }

    /// Prints many lines of two bytes from the worker in slot 0; `settle` is called only after the last line.
    mutating func flood(lines: Int) {
        let line = UnusableLine(shown: "y", reason: "not JSON", bytes: 2)
        for _ in 1...lines { feed(.garbage(worker(0), line)) }
        settle()
    }

    /// Sends the result of a task, from the worker in the slot to which the task was sent last.
    ///
    /// If the pool does not accept the result, the pool is told so (`PoolEvent.skipped`), and gets the result
    /// a second time.
    ///
    /// - Returns: The token if the pool accepts the result; otherwise `nil`, also if the task was never sent.
    @discardableResult
    mutating func complete(_ token: Int) -> Int? {
        guard let sending = sent.last(where: { $0.token == token }) else { return nil }
        let worker = worker(sending.slot)
        var accepted = state.accept(result: sending.seq, from: worker, at: now)
        if accepted == nil {
            feed(.skipped(worker, to: sending.seq))
            accepted = state.accept(result: sending.seq, from: worker, at: now)
        }
        if let accepted {
            completed.append(accepted.token)
            nanosecondsInHand = accepted.nanosecondsInHand
        }
        settle()
        return accepted?.token
    }

    /// Lets a worker send a result that the pool must not accept.
    mutating func accept(strayResult seq: Int, from slot: Int) {
        let accepted = state.accept(result: seq, from: worker(slot), at: now)
        #expect(accepted == nil)
        settle()
    }

    /// Ends a worker that has not read the last `unread` tasks sent to it.
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

    /// Sets the number of tasks that the client expects soon.
    mutating func expect(tasks: Int) {
        state.expectedTasks = tasks
        settle()
    }

    /// Tells the pool whether the client has more tasks than the pool could take.
    mutating func clientHasMore(_ hasMore: Bool) { state.mayGetMore = hasMore }

    /// Tells the pool whether too many bytes wait to be sent to a worker.
    mutating func stuff(_ slot: Int, _ isStuffed: Bool) {
        state.note(isStuffed: isStuffed, worker(slot))
        settle()
    }

    /// Returns `true` if a worker was started in this slot, and the last such worker has not died.
    func isAlive(_ slot: Int) -> Bool { lives[slot].map { !dead.contains($0) } ?? false }

    /// The slots whose last worker was sent SIGTERM.
    var terminated: Set<Int> { slots(of: terminatedWorkers) }

    /// The slots whose last worker was sent SIGKILL.
    var killed: Set<Int> { slots(of: killedWorkers) }

    /// Returns the slots whose last worker is one of `workers`.
    private func slots(of workers: Set<WorkerID>) -> Set<Int> {
        Set(lives.values.filter { workers.contains($0) }.map(\.slot))
    }

    func worker(_ slot: Int) -> WorkerID { lives[slot] ?? WorkerID(slot: slot, life: -7) }

    /// Returns the tokens of all sendings to a slot so far, in order.
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
            case .confirm(_, let seq): confirmed.append(seq)
            case .cancel(_, let seq): cancelled.append(seq)
            case .drain(let worker): drained.insert(worker.slot)
            case .terminate(let worker):
                #expect(terminatedWorkers.insert(worker).inserted, "\(worker) was terminated twice")
            case .kill(let worker):
                #expect(killedWorkers.insert(worker).inserted, "\(worker) was killed twice")
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
