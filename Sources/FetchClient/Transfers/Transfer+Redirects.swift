// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

// Changes of the request after a redirect that libcurl would make differently. libcurl reads these options
// only after the header line in which they are set: when it follows the `Location` and when it makes the next
// request.

extension Transfer {
    /// The statuses that are followed (Fetch Standard, "redirect status").
    private static let redirects = [301, 302, 303, 307, 308]

    /// Notes that the arriving response has a 3xx status; called once for each such response.
    func noteRedirect() {
        isRedirectNoted = true
        let status = answer.status
        guard Self.redirects.contains(status) else {
            // libcurl follows every 3xx; but a 304 with a `Location` means "not modified", not another page.
            isAltered = true
            unsafe ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
            return
        }
        // libcurl drops the body, and meanwhile calls only the progress callback.
        countsDroppedBody = true
        if becomesGET(status) { forgetMethod() }
    }

    /// Returns true for a POST on 301 and 302, and for all methods except HEAD on 303 (RFC 9110 §15.4).
    private func becomesGET(_ status: Int) -> Bool {
        switch status {
        case 301, 302: method == .post
        case 303: method != .head
        default: false
        }
    }

    /// Makes the next request a GET, without the fields that describe a body.
    private func forgetMethod() {
        method = .get
        guard isAltered else { return }
        // libcurl would send a custom method name again.
        unsafe ccurl_set_text(easy, CURLOPT_CUSTOMREQUEST, nil)
        let kept = fields.filter { !Self.describesBody($0.name) }
        guard kept.count < fields.count else { return }
        let list = HeaderList(kept)
        unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, list.first)
        // The first list must live until the transfer has ended.
        (fields, bodilessHeaders) = (kept, list)
    }

    /// Returns true for a request-body-header name of the Fetch Standard.
    private static func describesBody(_ name: String) -> Bool {
        let names = ["content-encoding", "content-language", "content-location", "content-type"]
        return names.contains(name.lowercased())
    }

    /// Checks the number of received bytes of the last body, kept or dropped; returns false if there are too
    /// many.
    func mayReceive(_ bytes: Int) -> Bool { answer.refusal != nil || answer.mayReceive(bytes) }
}
