// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// Lines of workers that are no messages: most are harmless, some were to be answers.

extension PoolState {
    /// Takes in a line that is no message.
    ///
    /// If it was to be the answer to a task, that task ends, for it would wait in vain. Any other is passed over.
    mutating func takeGarbage(
        _ line: UnusableLine,
        from worker: WorkerID,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker) else { return }
        // While it is being ended it costs no task more.
        guard !slots[worker.slot].isStopping else { return goPast(line, worker.slot) }
        if let flight = spoilt(by: line, of: slots[worker.slot]) {
            // It was a first line all the same.
            if slots[worker.slot].phase == .starting { noteSilence(of: worker, at: now) }
            _ = spoke(worker, at: now)
            return fail(flight.seq, of: worker, line.complaint, at: now, into: &actions)
        }
        goPast(line, worker.slot)
        slots[worker.slot].garbage.add(line)
        guard slots[worker.slot].garbage.isFlood else { return }
        slots[worker.slot].stopReason = .flooded
        stop(worker, at: now, into: &actions)
    }

    /// If a line was to be an answer, the worker has gone on to the next task, which may then have begun; if it names one, to that
    /// after it.
    private mutating func goPast(_ line: UnusableLine, _ slot: Int) {
        guard line.isAnswerLike, let next = slots[slot].next else { return }
        let named = line.numbers.lazy.compactMap { [slots] in slots[slot].flights.flight($0)?.ordinal }.max()
        slots[slot].furthest = max(next.ordinal, named ?? 0)
    }

    /// The sending that a line was to answer; `nil` if it cannot be told.
    private func spoilt(by line: UnusableLine, of slot: WorkerSlot) -> Flights.Flight? {
        guard line.isAnswerLike else { return nil }
        if !slot.isOrdered { return line.numbers.lazy.compactMap { slot.flights.flight($0) }.first }
        // A sequential worker answers its oldest task; a line that was cut off may lack the number.
        guard let oldest = slot.flights.oldest else { return nil }
        return line.numbers.contains(oldest.seq) || (line.isTooLong && line.numbers.isEmpty) ? oldest : nil
    }

    /// Ends the tasks that a sequential worker has gone past, for it answers a later one.
    ///
    /// What it printed meanwhile was to be their answers. Where it printed nothing, the answer may not be its own, and ends nothing.
    mutating func skip(
        to seq: Int,
        by worker: WorkerID,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker), !slots[worker.slot].isStopping, slots[worker.slot].isOrdered,
            let line = slots[worker.slot].garbage.suspicious,
            let target = slots[worker.slot].flights.flight(seq)
        else { return }
        while let oldest = slots[worker.slot].flights.oldest, oldest.ordinal < target.ordinal {
            fail(oldest.seq, of: worker, line.complaint, at: now, into: &actions)
        }
    }

    /// Ends a task whose answer cannot be used; its worker goes on.
    private mutating func fail(
        _ seq: Int,
        of worker: WorkerID,
        _ complaint: String,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard let flight = removeFlight(seq, from: worker.slot, answers: 1, at: now) else { return }
        noteProgress(of: worker.slot, past: flight, at: now)
        complete(flight.task, .brokeProtocol(complaint), by: worker, into: &actions)
    }
}
