// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import PoolWire
import ProcessPool

// What follows a fetch: for its host, and for the task where it failed.

extension RunCoordinator {
    /// Ends a fetch that is not begun again.
    func endFetch(of item: RunItem, _ end: FetchEnd) {
        _ = frontier.end(item.ticket, end, at: loop.now, using: &chance)
    }

    /// Ends an answered fetch; answers how the task ends, or `nil` if it is fetched again.
    func settle(_ item: RunItem, _ ending: RecordSink.Ending, _ answer: Answer) -> RecordSink.Ending? {
        let end = retryPolicy.end(of: answer, ending.error)
        guard duties == nil, let error = ending.error else {
            endFetch(of: item, end)
            return ending
        }
        let now = loop.now
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
        if isHopeless { giveUp(item.ticket.host, item.task.host, error, at: now) }
        if interruptedAt != nil || failure != nil { cancelRetries() }
        return final
    }

    /// Ends what waits for a host that was silent for longer than the longest wait, as its last probe ended.
    private func giveUp(_ number: Int, _ host: HostKey, _ error: TaskError, at now: PoolTime) {
        let message = "\(host) was given up: it has not answered for so long; at last: \(error.message)"
        let reason = TaskError(error.errorClass, message, isRetryable: true)
        let ending = RecordSink.Ending(outcome: error.errorClass.outcomeOfFetch, error: reason)
        for waiting in frontier.withdrawQueue(of: number) { sink.write(waiting, ending, at: now) }
    }

    /// Ends what waits to be fetched again, because nothing begins any more.
    func cancelRetries() {
        let ending = RecordSink.Ending(outcome: .cancelled, error: RecordSink.cancelled)
        for waiting in frontier.withdrawRetries() { sink.write(waiting, ending, at: loop.now) }
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
        var waiting = WaitingTask(line: .task(task), upstream: upstream)
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
