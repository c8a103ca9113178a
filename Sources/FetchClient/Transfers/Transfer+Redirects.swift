// SPDX-License-Identifier: MIT
// fetchpool

import CCurl
import FetchModel

// What a redirect changes about the request, where libcurl would do otherwise. libcurl reads these options only after
// the header line in which they are set: where it follows the `Location`, and where it makes the next request.

extension Transfer {
    /// The statuses that are followed (Fetch Standard, "redirect status").
    private static let redirects = [301, 302, 303, 307, 308]

    /// Notes that the answer that is coming in has a status of 3xx; called once for each such answer.
    func noteRedirect() {
        isRedirectNoted = true
        let status = answer.status
        guard Self.redirects.contains(status) else {
            // libcurl follows all of 3xx; a 304 that names a `Location` is not modified, and no other page.
            isAltered = true
            unsafe ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
            return
        }
        // libcurl drops the body, and calls nobody but this callback meanwhile.
        countsDroppedBody = true
        if becomesGET(status) { forgetMethod() }
    }

    /// A POST becomes a GET on 301 and 302, and every method but HEAD on 303 (RFC 9110 §15.4).
    private func becomesGET(_ status: Int) -> Bool {
        switch status {
        case 301, 302: method == .post
        case 303: method != .head
        default: false
        }
    }

    /// Makes the next request a GET without the fields that describe a body.
    private func forgetMethod() {
        method = .get
        guard isAltered else { return }
        // libcurl would send a method name of ours again.
        unsafe ccurl_set_text(easy, CURLOPT_CUSTOMREQUEST, nil)
        let kept = fields.filter { !Self.describesBody($0.name) }
        guard kept.count < fields.count else { return }
        let list = HeaderList(kept)
        unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, list.first)
        // The first list stays as well, until the transfer has ended.
        (fields, bodilessHeaders) = (kept, list)
    }

    /// A request-body-header name of the Fetch Standard.
    private static func describesBody(_ name: String) -> Bool {
        let names = ["content-encoding", "content-language", "content-location", "content-type"]
        return names.contains(name.lowercased())
    }

    /// Notes that so many bytes of the last body have come, taken or dropped; returns whether more may.
    func mayReceive(_ bytes: Int) -> Bool { answer.refusal != nil || answer.mayReceive(bytes) }
}
