// SPDX-License-Identifier: MIT
// fetchpool

import ProcessPool

// What is read from workers, and what is seen of them.

extension Ledger {
    mutating func read(_ line: Line, from life: Int, at now: PoolTime) {
        switch line {
        case .otherVersion:
            if !lives[life].isStopping { lives[life].isRefused = true }
            return
        case .garbage: return readGarbage(isFatal: false, from: life)
        case .fatalGarbage: return readGarbage(isFatal: true, from: life)
        default: hear(life, at: now)
        }
        switch line {
        case .hello: greet(life)
        case .beat(let isHeld):
            lives[life].hasBeaten = true
            if isHeld { lives[life].lastProgress = now }
        case .bye: if lives[life].saidBye == nil { lives[life].saidBye = now }
        case .start(let seq):
            guard let index = lives[life].flights.firstIndex(where: { $0.seq == seq }) else { return }
            lives[life].flights[index].started = lives[life].flights[index].started ?? now
            lives[life].furthest = max(lives[life].furthest, seq - 1)
        case .returned(let seq): takeBack(seq, from: life, at: now)
        case .other, .otherVersion, .garbage, .fatalGarbage, .answer: break
        }
    }

    /// Only the first hello counts.
    private mutating func greet(_ life: Int) {
        guard !lives[life].hasGreeted else { return }
        lives[life].hasGreeted = true
        greetingCommands.insert(command(of: life))
        lives[life].isConcurrent = lives[life].crew.concurrency > 1
        lives[life].isTrusted = lives[life].crew.isTrusted
    }

    /// A first line ends the start, unless the worker is being ended already.
    private mutating func hear(_ life: Int, at now: PoolTime) {
        lives[life].lastHeard = now
        guard !lives[life].hasSpoken, !lives[life].isStopping, lives[life].drained == nil else { return }
        lives[life].hasSpoken = true
        lives[life].turnedTo = now
        failedStartsInRow = 0
    }

    private mutating func readGarbage(isFatal: Bool, from life: Int) {
        lives[life].garbage += 1
        if lives[life].isStopping, isFatal,
            let next = lives[life].flights.first(where: { [furthest = lives[life].furthest] in
                $0.seq > furthest
            })
        {
            // If that was to be an answer, it has gone on to another.
            lives[life].furthest = next.seq
        }
        guard !lives[life].isStopping, isFatal || lives[life].garbage >= 10 else { return }
        lives[life].sentence = .brokeProtocol
    }

    private mutating func takeBack(_ seq: Int, from life: Int, at now: PoolTime) {
        let wasOldest = lives[life].flights.first?.seq == seq
        guard lives[life].mayReturn > 0, let flight = lives[life].remove(seq) else { return }
        lives[life].mayReturn -= 1
        if wasOldest { lives[life].turnedTo = now }
        lives[life].given -= 1
        requeue(flight.token)
    }

    /// Notes an answer and whether the pool took it, which it must if and only if the task is this worker's.
    mutating func answered(_ seq: Int, by life: Int, taken token: Int?, at now: PoolTime) throws(Failure) {
        let isFirstLine = !lives[life].hasSpoken && !lives[life].isStopping && lives[life].drained == nil
        hear(life, at: now)
        let wasOldest = lives[life].flights.first?.seq == seq
        let flight = lives[life].remove(seq)
        try require(
            token == flight?.token,
            "answer \(seq) of life \(life) was taken for \(text(token)), not \(text(flight?.token))"
        )
        guard let flight else { return }
        if isFirstLine { silentCommands.insert(command(of: life)) }
        if wasOldest { lives[life].turnedTo = now }
        lives[life].hasAnswered = true
        lives[life].furthest = max(lives[life].furthest, seq)
        lives[life].lastProgress = now
        slots[lives[life].worker.slot].failures = 0
        try end(flight.token, at: now)
    }

    mutating func closedOutput(_ life: Int, at now: PoolTime) {
        if lives[life].outputClosed == nil { lives[life].outputClosed = now }
    }

    /// Notes that a worker was seen to hold too much memory.
    mutating func outgrew(_ life: Int) {
        guard !lives[life].isStopping, let oldest = lives[life].flights.first else { return }
        lives[life].sentence = .memory(seq: oldest.seq)
    }

    private func text(_ token: Int?) -> String { token.map { "task \($0)" } ?? "none" }
}
