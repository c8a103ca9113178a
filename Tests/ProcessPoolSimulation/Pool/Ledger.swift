// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

/// What the world knows of each task and each worker by itself, kept beside the pool to hold it to its word.
///
/// It is told of what was read and what was decided, and fails at the first decision that breaks a rule.
struct Ledger {
    /// Where a task is.
    enum Place: Equatable {
        case notSubmitted, queued
        case inFlight(life: Int)
        case ended
    }

    struct Task {
        var place = Place.notSubmitted
        /// Deaths it was blamed for.
        var crashes = 0
        /// Deaths of concurrent workers that had it in hand, and departures of workers that did nothing.
        var deaths = 0
        /// How often a worker began it.
        var begun = 0
        var wasAnswered = false
    }

    struct Flight {
        let seq: Int
        let token: Int
        let sent: PoolTime
        var started: PoolTime?
    }

    /// Why a worker was asked to end.
    enum Sentence: Equatable {
        case ofNoUse, brokeProtocol, wedged
        case deadline(seq: Int)
        case memory(seq: Int)
    }

    /// One worker.
    struct Life {
        let worker: WorkerID
        let nature: Nature
        var flights: [Flight] = []
        var hasSpoken = false
        var hasSaidBye = false
        var hasAnswered = false
        var isConcurrent = false
        var isTrusted = false
        var hasBeaten = false
        var garbage = 0
        var given = 0
        var turnedTo = PoolTime(nanoseconds: 0)
        var lastHeard = PoolTime(nanoseconds: 0)
        var lastProgress = PoolTime(nanoseconds: 0)
        var outputClosed: PoolTime?
        var drained: PoolTime?
        var terminated: PoolTime?
        var wasRefused = false
        var isKilled = false
        var sentence: Sentence?
        var isBuried = false
    }

    private(set) var tasks: [Task]
    private(set) var lives: [Life] = []
    private let scenario: Scenario
    private(set) var failedStartsInRow = 0
    private(set) var silentCommands: Set<Int> = []
    /// Whether the pool is being ended.
    var isEnding = false
    private(set) var endedTasks = 0
    /// What is still to be heard of the tasks of the worker that was buried last.
    private var verdicts: [Int: Verdict] = [:]

    /// What must become of a task at its worker's death.
    enum Verdict: Equatable {
        case back
        case blamed(isOutOfMemory: Bool)
        case crashed, late
    }

    init(_ scenario: Scenario) {
        self.scenario = scenario
        tasks = Array(repeating: Task(), count: scenario.tasks.count)
    }

    // MARK: Events

    mutating func submitted(_ token: Int) { tasks[token].place = .queued }

    mutating func spawned(_ worker: WorkerID, _ nature: Nature) throws(Failure) {
        try require(worker.life == lives.count, "life \(worker.life) is started, but \(lives.count) is next")
        try require(
            !lives.contains { $0.worker.slot == worker.slot && !$0.isBuried },
            "slot \(worker.slot) is taken"
        )
        try require(!isEnding, "a worker is started in a pool that ends")
        lives.append(Life(worker: worker, nature: nature))
    }

    /// Notes that work on a task begins; answers how often that has happened before.
    mutating func begin(_ token: Int) -> Int {
        tasks[token].begun += 1
        return tasks[token].begun - 1
    }

    /// Notes a line of a worker that counts as one.
    mutating func heard(_ life: Int, at now: PoolTime) {
        lives[life].lastHeard = now
        guard !lives[life].hasSpoken, lives[life].terminated == nil, !lives[life].isKilled else { return }
        lives[life].hasSpoken = true
        lives[life].turnedTo = now
        failedStartsInRow = 0
    }

    mutating func read(_ line: Line, from life: Int, at now: PoolTime) {
        if line == .otherVersion {
            if lives[life].terminated == nil { lives[life].wasRefused = true }
            return
        }
        if line == .garbage || line == .fatalGarbage {
            lives[life].garbage += 1
            return
        }
        heard(life, at: now)
        switch line {
        case .hello:
            lives[life].isConcurrent = lives[life].nature.concurrency > 1
            lives[life].isTrusted = lives[life].nature.isTrusted
        case .beat: lives[life].hasBeaten = true
        case .bye: lives[life].hasSaidBye = true
        case .start(let seq):
            guard let index = lives[life].flights.firstIndex(where: { $0.seq == seq }) else { return }
            lives[life].flights[index].started = lives[life].flights[index].started ?? now
        case .returned(let seq):
            guard let flight = remove(seq, from: life) else { return }
            lives[life].given -= 1
            tasks[flight.token].place = .queued
        default: break
        }
    }

    /// Notes an answer and whether the pool took it, which it must if and only if the task is this worker's.
    mutating func answered(_ seq: Int, by life: Int, taken token: Int?, at now: PoolTime) throws(Failure) {
        if !lives[life].hasSpoken, lives[life].terminated == nil, !lives[life].isKilled {
            silentCommands.insert(command(of: life))
        }
        heard(life, at: now)
        let flight = remove(seq, from: life)
        try require(
            token == flight?.token,
            "answer \(seq) of life \(life) was taken for \(text(token)), not \(text(flight?.token))"
        )
        guard let flight else { return }
        lives[life].hasAnswered = true
        lives[life].turnedTo = now
        lives[life].lastProgress = now
        tasks[flight.token].wasAnswered = true
        try end(flight.token)
    }

    mutating func closedOutput(_ life: Int, at now: PoolTime) {
        let state = lives[life]
        if state.terminated == nil, !state.isKilled, state.drained == nil, state.outputClosed == nil {
            lives[life].outputClosed = now
        }
    }

    // MARK: Decisions

    mutating func sent(
        _ token: Int,
        seq: Int,
        attempt: Int,
        to worker: WorkerID,
        window: Int,
        at now: PoolTime
    ) throws(Failure) {
        let life = worker.life
        try require(tasks[token].place == .queued, "task \(token) is sent, but is \(tasks[token].place)")
        try require(
            attempt == tasks[token].crashes + 1,
            "task \(token) is at attempt \(attempt) after \(tasks[token].crashes) crashes"
        )
        let state = lives[life]
        try require(
            !state.isBuried && state.terminated == nil && !state.isKilled && state.drained == nil,
            "life \(life) is ending and is sent task \(token)"
        )
        try require(
            state.flights.count < window,
            "life \(life) holds \(state.flights.count) and is sent task \(token), its window is \(window)"
        )
        try require(
            !state.flights.contains { tasks[$0.token].deaths >= 2 },
            "life \(life) tries a suspect, which must be alone, and is sent task \(token)"
        )
        try require(
            tasks[token].deaths < 2 || state.flights.isEmpty || !state.isConcurrent,
            "suspect \(token) is not tried alone"
        )
        if let limit = scenario.options.tasksPerLife {
            try require(state.given < limit, "life \(life) was given its \(limit) tasks and is sent another")
        }
        if state.flights.isEmpty { lives[life].turnedTo = now }
        lives[life].given += 1
        lives[life].flights.append(Flight(seq: seq, token: token, sent: now))
        tasks[token].place = .inFlight(life: life)
    }

    mutating func drained(_ life: Int, at now: PoolTime) throws(Failure) {
        try require(lives[life].flights.isEmpty, "life \(life) is told to leave with tasks in hand")
        lives[life].drained = now
    }

    /// A worker is asked to end: for one of the reasons there are, and each of those has its bounds.
    mutating func terminated(_ life: Int, at now: PoolTime) throws(Failure) {
        let state = lives[life]
        try require(state.terminated == nil && !state.isKilled, "life \(life) is asked to end twice")
        lives[life].terminated = now
        if state.garbage >= 10 || lives[life].sentence == .brokeProtocol {
            lives[life].sentence = .brokeProtocol
        } else if state.wasRefused {
            lives[life].sentence = .ofNoUse
        } else if let closed = state.outputClosed {
            try require(now >= closed + 100, "life \(life) closed its output just now and is ended")
            lives[life].sentence = .ofNoUse
        } else if let drained = state.drained {
            try require(now >= drained + 5_000, "life \(life) was told to leave just now and is ended")
            lives[life].sentence = .ofNoUse
        } else {
            guard let (due, sentence) = deadline(of: state), due <= now else {
                throw Failure("life \(life) is ended for nothing")
            }
            lives[life].sentence = sentence
        }
    }

    mutating func killed(_ life: Int, at now: PoolTime) throws(Failure) {
        if !isEnding, lives[life].sentence != .memory(seq: lives[life].flights.first?.seq ?? -1) {
            guard let terminated = lives[life].terminated else {
                throw Failure("life \(life) is killed for nothing")
            }
            try require(now >= terminated + 1_000, "life \(life) has not had its second after SIGTERM")
        }
        lives[life].isKilled = true
    }

    mutating func outgrew(_ life: Int) {
        if let oldest = lives[life].flights.first { lives[life].sentence = .memory(seq: oldest.seq) }
    }

    /// A line that cannot be passed over was read.
    mutating func broke(_ life: Int) {
        if lives[life].terminated == nil, !lives[life].isKilled { lives[life].sentence = .brokeProtocol }
    }

    mutating func triedAgain(_ token: Int) throws(Failure) {
        guard case .blamed = verdicts[token] else {
            throw Failure("task \(token) is tried again, but was not to blame")
        }
        try require(scenario.tasks[token].mayRepeat, "task \(token) may not be repeated and is tried again")
        try require(tasks[token].crashes < scenario.options.crashRetries, "task \(token) has had its retries")
        verdicts[token] = nil
        tasks[token].crashes += 1
        tasks[token].place = .queued
    }

    mutating func completed(_ token: Int, _ end: TaskEnd, by worker: WorkerID?) throws(Failure) {
        switch end {
        case .cancelled: try require(isEnding, "task \(token) is cancelled in a pool that goes on")
        case .brokeProtocol:
            guard let life = worker?.life, let head = lives[life].flights.first else {
                throw Failure("task \(token) pays for a worker that has none")
            }
            try require(
                head.token == token && !lives[life].isConcurrent && lives[life].sentence == .brokeProtocol,
                "task \(token) pays for the lines of a worker that does not work on it"
            )
            lives[life].flights.removeFirst()
        case .pastDeadline:
            try require(verdicts[token] == .late, "task \(token) is ended as late, but is not")
        case .crashed(let exit):
            switch verdicts[token] {
            case .crashed: break
            case .blamed(let isOutOfMemory):
                let mayRetry =
                    scenario.tasks[token].mayRepeat && tasks[token].crashes < scenario.options.crashRetries
                try require(
                    !mayRetry,
                    "task \(token) is ended after \(tasks[token].crashes + 1) tries, though it has retries left"
                )
                try require(
                    exit.isOutOfMemory == isOutOfMemory,
                    "task \(token) ran out of memory, or did not"
                )
            default: throw Failure("task \(token) is ended as crashed, but was not to blame")
            }
        }
        verdicts[token] = nil
        try self.end(token)
    }

    // MARK: Deaths

    /// Notes that a worker has ended, and reckons what must become of its tasks.
    mutating func willBury(_ life: Int, _ exit: WorkerExit) {
        let state = lives[life]
        lives[life].isBuried = true
        lives[life].flights = []
        verdicts = [:]
        guard !isEnding else { return }
        for flight in state.flights { (verdicts[flight.token], tasks[flight.token].place) = (.back, .queued) }
        if !state.hasSpoken, !silentCommands.contains(command(of: life)) {
            failedStartsInRow += 1
            judgeLate(state)
        } else if state.sentence == nil, state.hasSaidBye || (exit.isClean && state.drained != nil) {
            judgeDeparture(state)
        } else if let sentence = state.sentence, sentence != .ofNoUse, sentence != .wedged,
            !state.isConcurrent
        {
            judgeLate(state)
            if case .memory(let seq) = sentence, let culprit = state.flights.first(where: { $0.seq == seq }) {
                verdicts[culprit.token] = .blamed(isOutOfMemory: true)
            } else if let oldest = state.flights.first, verdicts[oldest.token] == .back {
                // Its culprit is gone, so it has turned to this one.
                if !scenario.tasks[oldest.token].mayRepeat { verdicts[oldest.token] = .crashed }
            }
        } else if state.isConcurrent {
            judgeConcurrent(state)
        } else if let oldest = state.flights.first {
            verdicts[oldest.token] = .blamed(isOutOfMemory: exit.isOutOfMemory)
        }
    }

    /// Checks that each verdict was carried out: what goes back is queued, the others have been heard of.
    mutating func didBury() throws(Failure) {
        for (token, verdict) in verdicts where verdict != .back {
            throw Failure("task \(token) should have ended or be tried again, being \(verdict)")
        }
        verdicts = [:]
    }

    private mutating func judgeLate(_ state: Life) {
        guard case .deadline(let seq) = state.sentence else { return }
        if let late = state.flights.first(where: { $0.seq == seq }) { verdicts[late.token] = .late }
    }

    private mutating func judgeDeparture(_ state: Life) {
        for flight in state.flights where flight.started != nil && !scenario.tasks[flight.token].mayRepeat {
            verdicts[flight.token] = .crashed
        }
        // One that leaves again and again over the same task, and does nothing else, has died of it.
        guard !state.hasAnswered, let oldest = state.flights.first, verdicts[oldest.token] == .back else {
            return
        }
        tasks[oldest.token].deaths += 1
        if tasks[oldest.token].deaths >= 3 { verdicts[oldest.token] = .crashed }
    }

    private mutating func judgeConcurrent(_ state: Life) {
        if case .deadline = state.sentence {
            judgeLate(state)
            for flight in state.flights where verdicts[flight.token] == .back {
                if !scenario.tasks[flight.token].mayRepeat, flight.started != nil || !state.isTrusted {
                    verdicts[flight.token] = .crashed
                }
            }
            return
        }
        let anyStarted = state.flights.contains { $0.started != nil }
        let isAlone = state.flights.count == 1
        for flight in state.flights {
            if !scenario.tasks[flight.token].mayRepeat, flight.started != nil || !state.isTrusted {
                verdicts[flight.token] = .crashed
            } else if anyStarted, flight.started == nil {
                continue
            } else if isAlone, tasks[flight.token].deaths >= 2 {
                verdicts[flight.token] = .crashed
            } else {
                tasks[flight.token].deaths += 1
            }
        }
    }

    /// When a worker's time is up, and for what.
    private func deadline(of state: Life) -> (PoolTime, Sentence)? {
        guard let oldest = state.flights.first else { return nil }
        var all: [(PoolTime, Sentence)] = []
        let limit = scenario.options.taskDeadline ?? 0
        if !state.isConcurrent {
            all.append((state.turnedTo + limit + (state.hasSpoken ? 0 : 5_000), .deadline(seq: oldest.seq)))
        } else {
            all.append((max(oldest.sent, state.lastProgress) + Scenario.bound, .wedged))
            let started = state.flights.compactMap { flight in flight.started.map { (flight.seq, $0) } }
            if !state.isTrusted, let first = started.min(by: { $0.1 < $1.1 }) {
                all.append((first.1 + limit, .deadline(seq: first.0)))
            }
        }
        if state.hasBeaten {
            all.append(
                (
                    max(state.lastHeard, oldest.sent) + 5_000,
                    state.isConcurrent ? .wedged : .deadline(seq: oldest.seq)
                )
            )
        }
        return all.min { $0.0 < $1.0 }
    }

    // MARK: Small things

    private func command(of life: Int) -> Int { lives[life].worker.slot % scenario.options.commands }

    private mutating func remove(_ seq: Int, from life: Int) -> Flight? {
        guard let index = lives[life].flights.firstIndex(where: { $0.seq == seq }) else { return nil }
        return lives[life].flights.remove(at: index)
    }

    private mutating func end(_ token: Int) throws(Failure) {
        try require(
            tasks[token].place != .ended && tasks[token].place != .notSubmitted,
            "task \(token) ends, but is \(tasks[token].place)"
        )
        tasks[token].place = .ended
        endedTasks += 1
    }

    private func text(_ token: Int?) -> String { token.map { "task \($0)" } ?? "none" }
}
