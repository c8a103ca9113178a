// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import ProcessPool

// The records of tasks whose host is given up (`HostSilence`).

/// The reason for giving up a host, and the time until which the host is given up.
struct HostVerdict {
    let until: PoolTime
    let reason: TaskError
}

extension RunState {
    /// Stores the reason for giving up a host, and ends the tasks that wait for the host.
    ///
    /// `last` is the error of the fetch that has just failed.
    mutating func giveUp(_ host: Int, _ last: TaskError, at now: PoolTime) {
        let (key, silence) = frontier.silence(of: host)
        // A request can be in flight when the host is given up. If this request fails later, the first
        // reason stays.
        let isNew = verdicts[host]?.until != silence.givenUpUntil
        let reason = isNew ? Self.reason(key, silence, last) : verdicts[host]?.reason
        guard let reason else { return }
        verdicts[host] = HostVerdict(until: silence.givenUpUntil, reason: reason)
        let ending = RecordSink.Ending(outcome: reason.errorClass.outcomeOfFetch, error: reason)
        for waiting in frontier.withdrawAll(of: host, at: now) { write(waiting, ending, at: now) }
    }

    private static func reason(_ key: HostKey, _ silence: HostSilence, _ last: TaskError) -> TaskError {
        let count = silence.inRow == 1 ? "one request" : "\(silence.inRow) requests in a row"
        let limit = silence.isPatienceOver ? ", for longer than --host-patience" : ""
        let message = "\(key) was given up: no response to \(count)\(limit); the last: \(last.message)"
        return TaskError(last.errorClass, message, isRetryable: true)
    }

    /// Returns the ending of a task whose host is given up; `nil` if the host is not given up.
    func verdict(on host: Int) -> RecordSink.Ending? {
        guard frontier.isGivenUp(host, at: now), let reason = verdicts[host]?.reason else { return nil }
        return RecordSink.Ending(outcome: reason.errorClass.outcomeOfFetch, error: reason)
    }
}
