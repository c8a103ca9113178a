// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel
import Platform

// A transfer that waits for the addresses of its host is prepared, but libcurl does not have it yet. The wait
// is part of the measured times, and counts towards the total time-out. The connect time-out begins only when
// a thread begins to look up the name.

extension Transfer {
    /// Notes that the transfer starts to wait for the addresses of a host name.
    func beginNameWait(_ name: String) {
        awaitedName = name
        nameWaitBegan = MonotonicClock.nanoseconds() / 1_000
    }

    /// Returns the time at which the wait must end, in milliseconds of the client's clock.
    ///
    /// `start` is the time at which the look-up began, or `nil` if the name waits for a thread. The look-up
    /// may have begun before the request, for another transfer.
    func nameDeadline(_ options: CommonOptions, lookupFrom start: Int?) -> Int {
        let total = begun + timeout
        guard let start else { return total }
        return min(total, max(start, requestBegun) + options.connectTimeout + excused)
    }

    /// Notes that the wait has ended.
    ///
    /// `start` is the time at which the look-up began, or `nil` if the look-up has not ended.
    func endNameWait(lookupFrom start: Int?) {
        awaitedName = nil
        nameWait = max(MonotonicClock.nanoseconds() / 1_000 - nameWaitBegan, 1)
        if let start { excused += max(start - requestBegun, 0) }
    }

    /// The start of the last request, in milliseconds of the client's clock.
    private var requestBegun: Int { begun + chain.elapsed }

    /// Restores the time-outs that `startLate` has shortened.
    func restoreTimeouts(_ options: CommonOptions) {
        guard hasShorterTimeouts else { return }
        hasShorterTimeouts = false
        unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, timeout)
        unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeout)
    }

    /// Sets the lines of CURLOPT_RESOLVE, which libcurl reads when the transfer begins.
    func giveNames(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        let list = HeaderList(lines: lines)
        unsafe ccurl_set_list(easy, CURLOPT_RESOLVE, list.first)
        givenNames = list
    }

    /// Removes the lines of CURLOPT_RESOLVE.
    func takeBackNames() {
        guard givenNames != nil else { return }
        unsafe ccurl_set_list(easy, CURLOPT_RESOLVE, nil)
        givenNames = nil
    }

    /// Returns the result of a transfer that ended because the last host name was not resolved.
    ///
    /// libcurl did not get the last request of this transfer.
    func nameResult(_ error: TaskError) -> FetchResult {
        var result = FetchResult(token: token)
        result.error = error
        result.timing = unstartedTiming
        guard !chain.hops.isEmpty else {
            result.wasSent = false
            return result
        }
        noteRedirects(&result)
        result.isInsecure = usedTLS
        (result.status, result.contentType) = (response.status, response.contentType)
        return result
    }
}
