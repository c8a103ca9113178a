// SPDX-License-Identifier: MIT
// fetchpool

import Platform

// Handles output lines that are not messages; some were meant as results.

extension PoolState {
    /// Handles a line that is not a message.
    ///
    /// If the line was meant as a result, and the task of this result is known, the task ends, because no
    /// other result will come. Too many other lines end the worker (`Garbage.isFlood`).
    mutating func takeGarbage(
        _ line: UnusableLine,
        from worker: WorkerID,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard isCurrent(worker) else { return }
        // While the pool ends the worker, an unusable line must not end a task.
        guard !slots[worker.slot].isStopping else { return goPast(line, worker.slot) }
        if let flight = spoilt(by: line, of: slots[worker.slot]) {
            // The unusable line still counts as the worker's first line.
            if slots[worker.slot].phase == .starting { noteSilence(of: worker, at: now) }
            _ = spoke(worker, at: now)
            return fail(flight.seq, of: worker, line.complaint, at: now, into: &actions)
        }
        goPast(line, worker.slot)
        for number in line.numbers { noteGivenUp(number, by: worker) }
        slots[worker.slot].garbage.add(line)
        guard slots[worker.slot].garbage.isFlood else { return }
        slots[worker.slot].stopReason = .flooded
        stop(worker, at: now, into: &actions)
    }

    /// Notes which tasks a worker has probably finished, if a line begins like a result.
    ///
    /// Such a line was probably meant as the result of the task on which the worker works
    /// (`WorkerSlot.next`). If the line names later tasks of the worker, all tasks up to the last of these
    /// are probably finished.
    private mutating func goPast(_ line: UnusableLine, _ slot: Int) {
        guard line.isResultLike, let next = slots[slot].next else { return }
        let named = line.numbers.lazy.compactMap { [slots] in slots[slot].flights.flight($0)?.ordinal }.max()
        slots[slot].furthest = max(next.ordinal, named ?? 0)
    }

    /// Returns the sending whose result the line was meant to be; `nil` if this sending is not known.
    private func spoilt(by line: UnusableLine, of slot: WorkerSlot) -> Flights.Flight? {
        guard line.isResultLike else { return nil }
        if !slot.isOrdered { return line.numbers.lazy.compactMap { slot.flights.flight($0) }.first }
        // An untrusted sequential worker must send the result of its oldest task first. If a line
        // was too long, the part that was read may lack the number.
        guard let oldest = slot.flights.oldest else { return nil }
        return line.numbers.contains(oldest.seq) || (line.isTooLong && line.numbers.isEmpty) ? oldest : nil
    }

    /// Ends the older tasks of an untrusted sequential worker that has sent a result for a later task.
    ///
    /// The worker has probably sent an unusable line as the result of each older task. If there was no
    /// unusable line since the previous result, page content may have forged the later task's result, so no
    /// task ends.
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

    /// Ends a task whose result is unusable; its worker continues.
    private mutating func fail(
        _ seq: Int,
        of worker: WorkerID,
        _ complaint: String,
        at now: PoolTime,
        into actions: inout [PoolAction]
    ) {
        guard let flight = removeFlight(seq, from: worker.slot, results: 1, at: now) else { return }
        noteProgress(of: worker.slot, past: flight, at: now)
        complete(flight.task, .brokeProtocol(complaint, nil), by: worker, into: &actions)
    }
}
