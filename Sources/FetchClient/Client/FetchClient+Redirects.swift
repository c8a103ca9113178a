// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel
import Platform

// Redirects are followed here and not by libcurl, so that a URL in `Location` means what it means in a page,
// and that each request goes the way of a first one: its name is looked up, its host is known, and its
// connection is shared.

extension FetchClient {
    /// Follows the redirect that a transfer has ended with.
    ///
    /// - Returns: False if the task ends with it; the refusal of the answer says why.
    func follow(_ transfer: Transfer, _ code: CURLcode) -> Bool {
        guard transfer.answer.refusal == nil else { return false }
        let now = MonotonicClock.milliseconds()
        do throws(TaskError) {
            let next = try transfer.redirectTarget(options, now: now)
            if code != CURLE_OK { transfer.forgetRepeats() }
            hosts.end(at: transfer.host)
            let key = HostHash.key(of: next)
            transfer.redirect(to: next, host: key, options, now: now)
            hasFollowed = true
            begin(transfer, next, host: key, now: now)
            return true
        } catch {
            transfer.answer.refuse(error)
            return false
        }
    }
}
