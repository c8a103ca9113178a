// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import ProcessPool

// What follows a fetch: for its host, and for the task where it failed.

extension RunCoordinator {
    /// Ends a fetch that is not begun again.
    func endFetch(of item: RunItem, _ end: FetchEnd) { state.endFetch(of: item, end, at: loop.now) }

    /// Ends an answered fetch; answers how the task ends, or `nil` if it is fetched again.
    func settle(_ item: RunItem, _ ending: RecordSink.Ending, _ answer: Answer) -> RecordSink.Ending? {
        guard duties == nil, let error = ending.error else {
            endFetch(of: item, state.retryPolicy.end(of: answer, ending.error))
            return ending
        }
        let now = loop.now
        let (final, isHopeless) = state.settle(item, ending, error, answer, at: now)
        if isHopeless { giveUp(item.ticket.host, error, at: now) }
        if interruptedAt != nil || failure != nil { cancelRetries() }
        return final
    }

    /// Ends what waits for a host that was silent for longer than the longest wait, as its last probe ended.
    private func giveUp(_ number: Int, _ error: TaskError, at now: PoolTime) {
        let message =
            "\(state.frontier.hosts[number].key) was given up: it has not answered for so long; at last: \(error.message)"
        let reason = TaskError(error.errorClass, message, isRetryable: true)
        let ending = RecordSink.Ending(outcome: error.errorClass.outcomeOfFetch, error: reason)
        for waiting in state.frontier.withdrawQueue(of: number) { state.write(waiting, ending, at: now) }
    }

    /// Ends what waits to be fetched again, because nothing begins any more.
    func cancelRetries() {
        for waiting in state.frontier.withdrawRetries() { state.write(waiting, .cancelled, at: loop.now) }
    }
}

extension RunState {
    /// Ends a fetch that is not begun again.
    mutating func endFetch(of item: RunItem, _ end: FetchEnd, at now: PoolTime) {
        _ = frontier.end(item.ticket, end, at: now, using: &chance)
    }

    /// Ends a fetch, and with it its task, if it went as most do: at the first try, of our own input, and nothing is to be processed or
    /// said against the answer; `false` for any other, which is as it was.
    mutating func endWell(
        _ token: Int,
        _ answer: Answer,
        in line: Span<UInt8>,
        by worker: WorkerView,
        at now: @autoclosure () -> PoolTime
    ) -> Bool {
        guard answer.error == nil, answer.record == nil,
            answer.status.map({ $0 < 400 }) ?? (answer.result != nil),
            items.isUsual(token)
        else { return false }
        fetchesInFlight -= 1
        sink.count(fetched: answer)
        let ticket = items.ticket(token)
        if ticket.host != 0 {
            _ = frontier.end(ticket, retryPolicy.end(of: answer, nil), at: now(), using: &chance)
        }
        endUsual(token, answer, in: line, by: worker)
        return true
    }

    /// Ends a fetch that failed; answers how the task ends, or `nil` if it is fetched again, and whether its host is to be given up.
    fileprivate mutating func settle(
        _ item: RunItem,
        _ ending: RecordSink.Ending,
        _ error: TaskError,
        _ answer: Answer,
        at now: PoolTime
    ) -> (RecordSink.Ending?, isHopeless: Bool) {
        let end = retryPolicy.end(of: answer, error)
        var final: RecordSink.Ending? = ending
        var again: (task: WaitingTask, wait: Int)?
        switch retryPolicy.decide(Self.failure(of: item, error, answer), using: &chance) {
        case .again(let wait):
            let total = Int((answer.totalMilliseconds ?? 0) * 1_000)
            again = (item.waiting(after: error.errorClass, microseconds: total, at: now), wait)
            final = nil
        case .final: break
        case .askedForTooLong(let seconds): final?.error = .rateLimited(seconds: seconds)
        case .budgetSpent: final?.error?.message += "; not tried again: a fifth of all requests were retries"
        }
        let isHopeless = frontier.end(item.ticket, end, again: again, at: now, using: &chance)
        if again != nil { sink.countRetry() }
        return (final, isHopeless)
    }

    private static func failure(of item: RunItem, _ error: TaskError, _ answer: Answer) -> FailedFetch {
        FailedFetch(
            status: error.isOfStatus ? answer.status : nil,
            errorClass: error.errorClass,
            isRetryable: error.isRetryable,
            retryAfter: answer.retryAfterSeconds,
            fetches: item.fetches,
            mayRepeat: item.task.isIdempotent,
            hadDNSFailure: item.earlierTries.contains { $0.errorClass == .dns }
        )
    }
}

extension RunItem {
    /// The task as it waits to be fetched again, after a try that failed.
    fileprivate func waiting(after errorClass: ErrorClass, microseconds: Int, at now: PoolTime) -> WaitingTask
    {
        var waiting = WaitingTask(task, upstream: upstream)
        waiting.fetches = fetches
        waiting.earlierTries = earlierTries + [EarlierTry(errorClass: errorClass, microseconds: microseconds)]
        waiting.failedAt = now
        return waiting
    }
}

extension TaskError {
    /// A server wants to be left alone for longer than anybody waits.
    fileprivate static func rateLimited(seconds: Double) -> TaskError {
        let whole = Int(seconds.rounded(.up))
        let message = "the server asks to be left alone for \(whole) s, longer than --max-retry-after"
        return TaskError(.rateLimited, message, isRetryable: true)
    }
}
