// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import ProcessPool

// What becomes of the lines of a host that is given up.

extension RunState {
    /// Ends what waits for a host that is given up, and keeps the reason for the lines that come while it stays so.
    ///
    /// `last` is how the last fetch failed.
    mutating func giveUp(_ host: Int, _ last: TaskError, at now: PoolTime) {
        let entry = frontier.hosts[host]
        let silence = entry.state.silence
        let count = silence.inRow == 1 ? "one request" : "\(silence.inRow) requests in a row"
        let limit = silence.isPatienceOver ? ", over --host-patience" : ""
        let message = "\(entry.key) was given up: no answer to \(count)\(limit); the last: \(last.message)"
        let reason = TaskError(last.errorClass, message, isRetryable: true)
        verdicts[host] = reason
        let ending = RecordSink.Ending(outcome: reason.errorClass.outcomeOfFetch, error: reason)
        for waiting in frontier.withdrawAll(of: host) { write(waiting, ending, at: now) }
    }

    /// How a line of this host ends that is not fetched since the host is given up; `nil` if it is not.
    func verdict(on host: Int) -> RecordSink.Ending? {
        guard frontier.isGivenUp(host, at: now), let reason = verdicts[host] else { return nil }
        return RecordSink.Ending(outcome: reason.errorClass.outcomeOfFetch, error: reason)
    }
}
