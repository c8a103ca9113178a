// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel
import Platform

// The client itself follows redirects; libcurl does not. So the client can read a URL in `Location` in the
// same way as a link in a page. Each further request begins like the first request of a task.

extension FetchClient {
    /// Follows the redirect that a transfer has ended with.
    ///
    /// - Returns: False if the redirect is not followed; `transfer.response.refusal` then holds the reason.
    func follow(_ transfer: Transfer, _ code: CURLcode) -> Bool {
        guard transfer.response.refusal == nil else { return false }
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
            transfer.response.refuse(error)
            return false
        }
    }
}
