// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel
import Platform

// A transfer that waits for the addresses of its host is prepared, but libcurl does not have it yet. The wait counts within its
// time-outs and in its times.

extension Transfer {
    /// Notes that the transfer waits for a name from now on.
    func beginNameWait(_ name: String) {
        awaitedName = name
        nameWaitBegan = MonotonicClock.nanoseconds() / 1_000
    }

    /// The time at which the wait ends at the latest, in milliseconds of the client's clock.
    func nameDeadline(_ options: CommonOptions) -> Int {
        begun + min(timeout, options.connectTimeout + excused)
    }

    /// Notes that the wait is over.
    func endNameWait() {
        awaitedName = nil
        nameWait = max(MonotonicClock.nanoseconds() / 1_000 - nameWaitBegan, 1)
    }

    /// Takes back what a wait has changed of the time-outs.
    func restoreTimeouts(_ options: CommonOptions) {
        guard hasShorterTimeouts else { return }
        hasShorterTimeouts = false
        unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, timeout)
        unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeout)
    }

    /// Gives libcurl lines of CURLOPT_RESOLVE, which it takes when the transfer begins.
    func giveNames(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        let list = HeaderList(lines: lines)
        unsafe ccurl_set_list(easy, CURLOPT_RESOLVE, list.first)
        givenNames = list
    }

    /// Takes back the lines, which libcurl has taken or never will.
    func takeBackNames() {
        guard givenNames != nil else { return }
        unsafe ccurl_set_list(easy, CURLOPT_RESOLVE, nil)
        givenNames = nil
    }

    /// The result of a transfer that libcurl never had, because of what came of its name.
    func nameResult(_ error: TaskError) -> FetchResult {
        var result = FetchResult(token: token)
        result.error = error
        result.wasSent = false
        if nameWait > 0 { result.timing.dns = nameWait }
        result.timing.total = nameWait
        return result
    }
}
