// SPDX-License-Identifier: MIT
// fetchpool

import FetchModel
import Frontier
import Platform
import ProcessPool

// What becomes of the lines of a host that is given up.

/// Why a host was given up, and until when it is.
struct HostVerdict {
    let until: PoolTime
    let reason: TaskError
}

extension RunState {
    /// Ends what waits for a host that is given up, and keeps the reason for the lines that come while it stays so.
    ///
    /// `last` is how the last fetch failed.
    mutating func giveUp(_ host: Int, _ last: TaskError, at now: PoolTime) {
        let (key, silence) = frontier.silence(of: host)
        // A request that was out as the host was given up may end later for a reason of its own, which changes nothing.
        let isNew = verdicts[host]?.until != silence.givenUpUntil
        let reason = isNew ? Self.reason(key, silence, last) : verdicts[host]?.reason
        guard let reason else { return }
        verdicts[host] = HostVerdict(until: silence.givenUpUntil, reason: reason)
        let ending = RecordSink.Ending(outcome: reason.errorClass.outcomeOfFetch, error: reason)
        for waiting in frontier.withdrawAll(of: host) { write(waiting, ending, at: now) }
    }

    private static func reason(_ key: HostKey, _ silence: HostSilence, _ last: TaskError) -> TaskError {
        let count = silence.inRow == 1 ? "one request" : "\(silence.inRow) requests in a row"
        let limit = silence.isPatienceOver ? ", over --host-patience" : ""
        let message = "\(key) was given up: no answer to \(count)\(limit); the last: \(last.message)"
        return TaskError(last.errorClass, message, isRetryable: true)
    }

    /// How a line of this host ends that is not fetched since the host is given up; `nil` if it is not.
    func verdict(on host: Int) -> RecordSink.Ending? {
        guard frontier.isGivenUp(host, at: now), let reason = verdicts[host]?.reason else { return nil }
        return RecordSink.Ending(outcome: reason.errorClass.outcomeOfFetch, error: reason)
    }
}
